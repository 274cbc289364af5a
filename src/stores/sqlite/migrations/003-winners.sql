-- With the order of winners in them, so that neither the winner nor the first page of a number that thousands of leads share
-- needs a look at all of them: src/stores/sqlite/shared-numbers.ts.

DROP INDEX leads_by_phone;
DROP INDEX leads_by_alt_phone;
DROP INDEX leads_by_address3;

CREATE INDEX leads_by_phone
  ON leads (phone_key, list_id, phone_number, last_local_call_time, modify_date) WHERE phone_key IS NOT NULL;
CREATE INDEX leads_by_alt_phone
  ON leads (alt_phone_key, list_id, alt_phone, last_local_call_time, modify_date) WHERE alt_phone_key IS NOT NULL;
CREATE INDEX leads_by_address3
  ON leads (address3_key, list_id, address3, last_local_call_time, modify_date) WHERE address3_key IS NOT NULL;
