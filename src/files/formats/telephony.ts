import type { FileFormat } from './file-format.ts';

/** 3CX, the company's phone book. */
export const THREE_CX: FileFormat = {
  name: '3cx',
  title: '3CX',
  marks: ['firstname lastname mobile business', 'firstname mobile2 home2', 'firstname lastname businessfax'],
  names: {
    first_name: 'firstname',
    last_name: 'lastname',
    company: 'company companyname',
    phone: 'mobile mobile2 home home2 business business2',
    'phone 2': 'other',
    'phone last': 'businessfax homefax pager',
    custom: 'title department',
  },
};

/** FreePBX, Contact Manager: a column for each number, its type and its extension. */
export const FREEPBX: FileFormat = {
  name: 'freepbx',
  title: 'FreePBX Contact Manager',
  marks: ['displayname phone_1_number', 'fname lname phone_1_number'],
  names: {
    'whole name': 'displayname',
    first_name: 'fname',
    last_name: 'lname',
    company: 'company',
    address1: 'address',
    custom: 'title',
    'left out': 'image gravatar',
  },
  patterns: [
    [/^phone_\d+_number$/, 'phone'],
    [/^phone_\d+_type$/, 'label'],
    [/^phone_\d+_(?:features|speeddial|locale|sms|fax)$/, 'left out'],
    [/^email_\d+(?:_address)?$/, 'e-mail'],
  ],
};

/**
 * VICIdial's list download, of one list or of all (then with the list's id twice). Column names: VICIdial's own script
 * `list_download.php`. Its `lead_id` is that dialer's; here it is kept as a custom field, so that nobody else is overwritten.
 */
export const VICIDIAL: FileFormat = {
  name: 'vicidial',
  title: 'VICIdial',
  marks: [
    'lead_id vendor_lead_code phone_code phone_number',
    'vendor_lead_code source_id phone_code phone_number',
  ],
  names: {
    custom: 'lead_id vendor_lead_code source_id security_phrase owner phone_code',
    'left out': 'entry_date gmt_offset_now called_since_last_reset called_count rank entry_list_id',
  },
};

/** Meta (Facebook, Instagram) lead ads; the form's own questions are custom fields. */
export const META: FileFormat = {
  name: 'meta',
  title: 'Meta lead ads',
  marks: ['ad_id adset_id campaign_id form_id', 'created_time form_id platform is_organic'],
  names: {
    'whole name': 'full_name nombre_completo nome_completo',
    'phone 2': 'work_phone_number numero_de_telefono_del_trabajo',
    'e-mail': 'email work_email correo_electronico correo_electronico_del_trabajo',
    address1: 'street_address direccion calle',
    postal_code: 'post_code zip_code zip codigo_postal',
    state: 'state estado',
    province: 'province provincia',
    company: 'company_name nombre_de_la_empresa',
    custom: 'id created_time campaign_name form_name lead_status',
    'left out':
      'ad_id ad_name adset_id adset_name campaign_id form_id is_organic platform inbox_url is_qualified is_quality is_converted',
  },
};
