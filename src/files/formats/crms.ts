import type { FileFormat } from './file-format.ts';

/** HubSpot, contacts. Names of dates carry the account's time zone: `Create Date (CST)`. */
export const HUBSPOT: FileFormat = {
  name: 'hubspot',
  title: 'HubSpot',
  marks: [
    'record_id first_name phone_number',
    'record_id first_name lifecycle_stage',
    'id_de_registro nombre numero_de_telefono',
    'record_id first_name contact_owner',
  ],
  names: {
    phone: 'phone_number numero_de_telefono whatsapp_phone_number',
    'phone 2': 'mobile_phone_number numero_de_telefono_movil',
    'phone last': 'fax_number numero_de_fax',
    company:
      'primary_company company_name associated_company primary_associated_company nombre_de_la_empresa',
    custom: 'record_id id_de_registro contact_owner job_title lead_status',
    'left out':
      'marketing_contact_status primary_associated_company_id associated_company_ids primary_company_id ' +
      'estado_de_contacto_de_marketing contact_owner_id owner_id hubspot_owner_id',
  },
};

/** Salesforce, leads and contacts as a report writes them. There `Title` is what somebody does for a living. */
export const SALESFORCE: FileFormat = {
  name: 'salesforce',
  title: 'Salesforce',
  marks: [
    'salutation first_name company_account',
    'salutation first_name lead_owner',
    'salutation first_name account_name',
    'first_name last_name account_owner',
    'tratamiento nombre compania_cuenta',
    'saludo nombre propietario_de_candidato',
    'lead_id first_name lead_owner',
    'contact_id first_name account_name',
  ],
  names: {
    title: 'salutation saludo tratamiento',
    company: 'company_account account_name company compania_cuenta nombre_de_la_cuenta compania',
    phone: 'phone telefono',
    'phone 2': 'mobile mobile_phone home_phone other_phone asst_phone movil telefono_movil',
    address1: 'street mailing_street calle mailing_address_line_1',
    address2: 'mailing_address_line_2',
    address3: 'mailing_address_line_3',
    city: 'city mailing_city ciudad',
    state: 'state_province mailing_state_province estado_o_provincia estado_provincia',
    postal_code: 'zip_postal_code mailing_zip_postal_code codigo_postal',
    country_code: 'country mailing_country pais',
    custom:
      'title cargo lead_status estado_de_candidato lead_owner account_owner contact_owner propietario_de_candidato lead_id contact_id',
    'left out': 'account_owner_alias owner_id account_id lead_owner_alias contact_owner_alias photo_url',
  },
};

/** Odoo, contacts; by the labels (English, Spanish) or by the technical names. */
export const ODOO: FileFormat = {
  name: 'odoo',
  title: 'Odoo',
  marks: [
    'external_id name phone',
    'external_id name mobile',
    'name salesperson phone',
    'name street2 zip salesperson',
    'display_name phone email activities',
    'id_externo nombre telefono',
    'nombre comercial etiquetas telefono movil',
    'name country_id phone',
  ],
  names: {
    'whole name': 'name nombre display_name complete_name nombre_completo nombre_mostrado',
    phone: 'phone telefono',
    'phone 2': 'mobile movil celular',
    company:
      'company parent_id parent_id_name related_company company_name company_name_entity compania empresa_relacionada parent_name',
    address1: 'street calle',
    address2: 'street2 street_2 calle2 calle_2',
    state: 'state state_id state_name estado state_id_name',
    postal_code: 'zip codigo_postal c_p',
    country_code: 'country country_id country_name pais country_id_name country_id_code',
    custom:
      'external_id id_externo salesperson comercial vendedor user_id tags etiquetas category_id id title titulo',
    'left out': 'avatar_128 image_1920 image activities activity_exception_decoration color company_id',
  },
};

/** Pipedrive, people, with the name of the table before each column. */
export const PIPEDRIVE: FileFormat = {
  name: 'pipedrive',
  title: 'Pipedrive',
  marks: [
    'person_name person_phone_work',
    'person_name person_id',
    'persona_nombre',
    'person_name person_phone',
  ],
  names: {
    'whole name': 'person_name persona_nombre',
    first_name: 'person_first_name persona_primer_nombre',
    last_name: 'person_last_name persona_apellido persona_apellidos',
    company: 'person_organization organization_name persona_organizacion',
    custom: 'person_owner persona_propietario person_id persona_id person_labels persona_etiquetas',
    'left out':
      'person_profile_picture person_organization_id person_owner_id person_active_flag person_visible_to',
  },
  patterns: [
    [/^person(?:a)?_(?:phone|telefono)(?:_(?:work|mobile|home|trabajo|movil|casa|celular))?$/, 'phone'],
    [/^person(?:a)?_(?:phone|telefono)_/, 'phone 2'],
    [/^person(?:a)?_(?:e_?mail|correo(?:_electronico)?)(?:_|$)/, 'e-mail'],
    [/^person_postal_address$/, 'address1'],
    [/^person_birthday$/, 'date_of_birth'],
    [/^person_notes$/, 'comments'],
  ],
};

/** Bitrix24, contacts and leads, English and Spanish; its portals write several numbers into a cell. */
export const BITRIX24: FileFormat = {
  name: 'bitrix24',
  title: 'Bitrix24',
  marks: [
    'id tratamiento telefono_del_trabajo',
    'id telefono_del_trabajo responsable',
    'id salutation work_phone',
    'id work_phone responsible_person',
    'id work_phone work_e_mail',
  ],
  names: {
    title: 'salutation tratamiento',
    first_name: 'first_name nombre',
    middle_initial: 'second_name middle_name segundo_nombre',
    last_name: 'last_name apellido apellidos',
    phone:
      'work_phone mobile home_phone telefono_del_trabajo telefono_celular telefono_movil telefono_de_casa telefono_particular',
    'phone 2': 'other_phone otro_telefono',
    'phone last': 'fax pager newsletter_phone numero_de_fax',
    'e-mail':
      'work_e_mail home_e_mail other_e_mail correo_electronico_del_trabajo correo_electronico_de_casa ' +
      'correo_electronico_particular otro_correo_electronico',
    company: 'company compania company_name nombre_de_la_compania',
    comments: 'comment comments comentario comentarios',
    custom: 'id responsable responsible_person responsible position cargo puesto',
    'left out': 'photo foto created_by creado_por modified_by modificado_por',
  },
};

/** Chatwoot, contacts. */
export const CHATWOOT: FileFormat = {
  name: 'chatwoot',
  title: 'Chatwoot',
  marks: ['id name email identifier phone_number', 'name identifier phone_number additional_attributes'],
  names: {
    'whole name': 'name',
    company: 'company_name',
    city: 'city',
    custom: 'id identifier',
    'left out': 'thumbnail avatar_url availability_status contact_type blocked account_id contact_inboxes',
  },
};
