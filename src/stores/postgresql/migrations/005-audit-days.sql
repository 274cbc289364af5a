-- A search of the audit reads the records of the days that it is about, and no others.
CREATE INDEX audit_records_by_day ON audit_records (day, chain, number);
