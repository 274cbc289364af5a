import { FLOOR_COLUMNS } from './dialer-floor.ts';

/** The dialer's tables, column by column: what a stock installation has, and the width that tests need. */

export interface DialerOptions {
  /** MyISAM as the dialer comes; Galera replicates InnoDB only. */
  readonly engine?: 'MyISAM' | 'InnoDB';
  /** An index that stock installations do not have. */
  readonly altPhoneIndex?: boolean;
  readonly address3Index?: boolean;
  /** Whether `vicidial_list_alt_phones` is there, as in every version of the dialer. */
  readonly withFurtherNumbers?: boolean;
  /** Whether GOautodial's own database is there. */
  readonly withGoautodial?: boolean;
  /** Of all tables; the lead's own texts are utf8mb4 in any case, unless `stock`. */
  readonly charset?: 'utf8mb3' | 'utf8mb4';
  /** The widths and the character set of a fresh installation, where much of what people write does not fit. */
  readonly stock?: boolean;
}

/** A text column of the lead: as installations widen them, or as they come. */
type Text = (stock: number, wide: number) => string;

/** What the texts of a lead are made of. */
function textOf({ stock = false }: DialerOptions): Text {
  return (narrow, wide) =>
    stock ? `varchar(${narrow})` : `varchar(${wide}) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;
}

/** The type of a custom field's text column. */
export function customTextOf({ stock = false }: DialerOptions, type: 'varchar(255)' | 'text'): string {
  return stock ? type : `${type} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;
}

/** `vicidial_list`, and `vicidial_list_archive` with the same columns. */
export function leadColumns(options: DialerOptions): string {
  const { stock = false, altPhoneIndex = false, address3Index = false } = options;
  const text = textOf(options);
  const width = (narrow: number, wide: number) => `varchar(${stock ? narrow : wide})`;
  return `
    lead_id int(9) unsigned NOT NULL AUTO_INCREMENT,
    entry_date datetime DEFAULT NULL,
    modify_date timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    status varchar(6) DEFAULT NULL,
    user ${width(20, 50)} DEFAULT NULL,
    vendor_lead_code varchar(20) DEFAULT NULL,
    source_id varchar(50) DEFAULT NULL,
    list_id bigint(14) unsigned NOT NULL DEFAULT 0,
    gmt_offset_now decimal(4,2) DEFAULT 0.00,
    called_since_last_reset enum('Y','N','Y1','Y2','Y3','Y4','Y5','Y6','Y7','Y8','Y9','Y10') DEFAULT 'N',
    phone_code varchar(10) DEFAULT NULL,
    phone_number ${width(18, 40)} NOT NULL,
    title ${text(4, 50)} DEFAULT NULL,
    first_name ${text(30, 100)} DEFAULT NULL,
    middle_initial ${text(1, 20)} DEFAULT NULL,
    last_name ${text(30, 100)} DEFAULT NULL,
    address1 ${text(100, 200)} DEFAULT NULL,
    address2 ${text(100, 200)} DEFAULT NULL,
    address3 ${text(100, 200)} DEFAULT NULL,
    city ${text(50, 100)} DEFAULT NULL,
    state ${text(2, 100)} DEFAULT NULL,
    province ${text(50, 100)} DEFAULT NULL,
    postal_code ${text(10, 50)} DEFAULT NULL,
    country_code ${text(3, 50)} DEFAULT NULL,
    gender enum('M','F','U') DEFAULT 'U',
    date_of_birth date DEFAULT NULL,
    alt_phone ${width(12, 40)} DEFAULT NULL,
    email ${text(70, 200)} DEFAULT NULL,
    security_phrase varchar(100) DEFAULT NULL,
    comments ${text(255, 2000)} DEFAULT NULL,
    called_count smallint(5) unsigned DEFAULT 0,
    last_local_call_time datetime DEFAULT NULL,
    \`rank\` smallint(5) NOT NULL DEFAULT 0,
    owner varchar(20) DEFAULT '',
    entry_list_id bigint(14) unsigned NOT NULL DEFAULT 0,
    PRIMARY KEY (lead_id),
    KEY phone_number (phone_number),
    KEY list_id (list_id),
    KEY called_since_last_reset (called_since_last_reset),
    KEY status (status),
    KEY gmt_offset_now (gmt_offset_now),
    KEY postal_code (postal_code),
    KEY last_local_call_time (last_local_call_time),
    KEY \`rank\` (\`rank\`),
    KEY owner (owner)
    ${altPhoneIndex ? ', KEY alt_phone (alt_phone)' : ''}
    ${address3Index ? ', KEY address3 (address3)' : ''}`;
}

/** Further numbers of leads, the same in every version. */
const FURTHER_NUMBERS = `
  alt_phone_id int(9) unsigned NOT NULL AUTO_INCREMENT,
  lead_id int(9) unsigned NOT NULL,
  phone_code varchar(10) DEFAULT NULL,
  phone_number varchar(18) DEFAULT NULL,
  alt_phone_note varchar(30) DEFAULT NULL,
  alt_phone_count smallint(5) unsigned DEFAULT NULL,
  active enum('Y','N') DEFAULT 'Y',
  PRIMARY KEY (alt_phone_id),
  KEY lead_id (lead_id),
  KEY phone_number (phone_number)`;

/** Everything else of `asterisk`, by table. */
export function otherColumns(options: DialerOptions): Readonly<Record<string, string>> {
  const { stock = false, withFurtherNumbers = true } = options;
  const text = textOf(options);
  return {
    ...(withFurtherNumbers ? { vicidial_list_alt_phones: FURTHER_NUMBERS } : {}),
    ...FLOOR_COLUMNS,
    vicidial_lists: `
      list_id bigint(14) unsigned NOT NULL,
      list_name ${text(30, 200)} DEFAULT NULL,
      campaign_id varchar(8) DEFAULT NULL,
      active enum('Y','N') DEFAULT NULL,
      PRIMARY KEY (list_id),
      KEY campaign_id (campaign_id)`,
    vicidial_lists_fields: `
      field_id int(9) unsigned NOT NULL AUTO_INCREMENT,
      list_id bigint(14) unsigned NOT NULL DEFAULT 0,
      field_label ${text(50, 64)} DEFAULT NULL,
      field_name ${text(50, 200)} DEFAULT NULL,
      field_rank smallint(5) DEFAULT NULL,
      field_order smallint(5) DEFAULT 1,
      field_type enum('TEXT','AREA','SELECT','MULTI','RADIO','CHECKBOX','DATE','TIME','DISPLAY','SCRIPT',
        'HIDDEN','READONLY','HIDEBLOB','SWITCH','SOURCESELECT','BUTTON') DEFAULT 'TEXT',
      field_options text DEFAULT NULL,
      field_required enum('Y','N','INBOUND_ONLY') DEFAULT 'N',
      field_encrypt enum('Y','N') DEFAULT 'N',
      field_show_hide varchar(20) DEFAULT 'DISABLED',
      PRIMARY KEY (field_id),
      KEY list_id (list_id)`,
    vicidial_users: `
      user_id int(9) unsigned NOT NULL AUTO_INCREMENT,
      user varchar(${stock ? 20 : 50}) NOT NULL,
      pass varchar(${stock ? 100 : 250}) NOT NULL,
      pass_hash varchar(500) DEFAULT '',
      full_name varchar(50) DEFAULT NULL,
      user_level tinyint(3) unsigned DEFAULT 1,
      user_group varchar(20) DEFAULT NULL,
      active enum('Y','N') DEFAULT 'Y',
      vdc_agent_api_access enum('0','1') DEFAULT '0',
      modify_leads enum('0','1','2','3','4','5','6') DEFAULT '0',
      view_reports enum('0','1') DEFAULT '0',
      api_list_restrict enum('0','1') DEFAULT '0',
      api_allowed_functions varchar(1000) DEFAULT ' ALL_FUNCTIONS ',
      failed_login_count tinyint(3) unsigned DEFAULT 0,
      last_login_date datetime DEFAULT '2001-01-01 00:00:01',
      last_ip varchar(15) DEFAULT '',
      PRIMARY KEY (user_id),
      UNIQUE KEY user (user)`,
    vicidial_user_groups: `
      user_group varchar(20) NOT NULL,
      group_name varchar(40) NOT NULL,
      allowed_campaigns text DEFAULT NULL,
      PRIMARY KEY (user_group)`,
    // The dialer's has no key; Galera wants one in every table.
    system_settings: `
      version varchar(50) NOT NULL,
      custom_fields_enabled enum('0','1') DEFAULT '0',
      pass_hash_enabled enum('0','1') DEFAULT '0',
      pass_key varchar(100) DEFAULT '',
      pass_cost tinyint(2) unsigned DEFAULT 2,
      default_phone_code varchar(8) DEFAULT '1',
      PRIMARY KEY (version)`,
  };
}

/** GOautodial's own database, as far as lookups use it. */
export const GOAUTODIAL_COLUMNS: Readonly<Record<string, string>> = {
  go_customers: `
    id int(11) NOT NULL AUTO_INCREMENT,
    lead_id int(9) unsigned NOT NULL,
    group_list_id bigint(14) unsigned DEFAULT NULL,
    avatar varchar(255) DEFAULT NULL,
    PRIMARY KEY (id),
    KEY lead_id (lead_id)`,
  settings: `
    setting varchar(100) NOT NULL,
    value varchar(1000) DEFAULT NULL,
    PRIMARY KEY (setting)`,
};
