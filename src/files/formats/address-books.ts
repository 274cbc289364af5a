import type { FileFormat } from './file-format.ts';

/**
 * Google Contacts. Header since 2024 (`First Name`, `Phone 1 - Label`) and before (`Given Name`, `Yomi Name`,
 * `Phone 1 - Type`); both have further columns for each further number.
 */
export const GOOGLE: FileFormat = {
  name: 'google',
  title: 'Google Contacts',
  marks: [
    'phone_1_value',
    'e_mail_1_value',
    'phonetic_first_name file_as',
    'given_name yomi_name',
    'given_name family_name group_membership',
  ],
  names: {
    first_name: 'first_name given_name',
    middle_initial: 'middle_name additional_name',
    last_name: 'last_name family_name',
    'whole name': 'name',
    title: 'name_prefix',
    company: 'organization_name organization_1_name',
    date_of_birth: 'birthday',
    comments: 'notes',
    'left out':
      'phonetic_first_name phonetic_middle_name phonetic_last_name yomi_name given_name_yomi additional_name_yomi ' +
      'family_name_yomi organization_1_yomi_name organization_1_type photo file_as sensitivity priority directory_server mileage',
  },
  patterns: [
    [/^phone_\d+_value$/, 'phone'],
    [/^phone_\d+_(?:label|type)$/, 'label'],
    [/^e_mail_\d+_value$/, 'e-mail'],
    [/^e_mail_\d+_(?:label|type)$/, 'left out'],
    [/^address_(\d+)_street$/, 'address $1 street'],
    [/^address_(\d+)_extended_address$/, 'address $1 street2'],
    [/^address_(\d+)_po_box$/, 'address $1 street3'],
    [/^address_(\d+)_city$/, 'address $1 city'],
    [/^address_(\d+)_region$/, 'address $1 state'],
    [/^address_(\d+)_postal_code$/, 'address $1 postal'],
    [/^address_(\d+)_country$/, 'address $1 country'],
    [/^address_\d+_(?:label|type|formatted)$/, 'left out'],
  ],
};

/** vCards, of whatever program: their properties come as columns that are called as Google's (vcf-source.ts). */
export const VCARD: FileFormat = {
  ...GOOGLE,
  name: 'vcard',
  title: 'vCards',
  isStandard: true,
  marks: [],
};

/** Outlook, the program (92 columns) and outlook.com; Spanish as its Spanish edition writes it. */
export const OUTLOOK: FileFormat = {
  name: 'outlook',
  title: 'Outlook',
  marks: [
    'first_name business_phone business_street',
    'first_name mobile_phone e_mail_address',
    'first_name business_phone e_mail_address',
    'nombre telefono_del_trabajo direccion_de_correo_electronico',
    'nombre telefono_movil calle_del_trabajo',
    'nombre telefono_movil direccion_de_correo_electronico',
  ],
  names: {
    title: 'title titulo tratamiento',
    first_name: 'first_name nombre',
    middle_initial: 'middle_name segundo_nombre',
    last_name: 'last_name apellido apellidos',
    company: 'company compania organizacion empresa',
    'phone last':
      'assistant_s_phone business_fax home_fax other_fax isdn pager telex tty_tdd_phone company_main_phone callback car_phone ' +
      'radio_phone telefono_del_ayudante fax_del_trabajo fax_particular otro_fax rdsi localizador ' +
      'telefono_tty_tdd numero_de_telefono_de_tty_tdd telefono_principal_de_la_compania devolucion_de_llamada ' +
      'telefono_del_automovil radiotelefono',
    phone:
      'business_phone business_phone_2 home_phone home_phone_2 mobile_phone primary_phone telefono_del_trabajo ' +
      'telefono_del_trabajo_2 particular particular_2 telefono_particular telefono_particular_2 telefono_movil telefono_principal',
    'phone 2': 'other_phone otro_telefono',
    'e-mail':
      'e_mail_address e_mail_2_address e_mail_3_address direccion_de_correo_electronico ' +
      'direccion_de_correo_electronico_2 direccion_de_correo_electronico_3 direccion_del_correo_electronico_2 ' +
      'direccion_del_correo_electronico_3',
    date_of_birth: 'birthday cumpleanos',
    gender: 'gender sexo',
    comments: 'notes notas',
    'address 1 street': 'business_street calle_del_trabajo',
    'address 1 street2': 'business_street_2 calle_del_trabajo_2 calle_2_del_trabajo',
    'address 1 street3': 'business_street_3 calle_del_trabajo_3 calle_3_del_trabajo',
    'address 1 city': 'business_city ciudad_del_trabajo ciudad_de_trabajo',
    'address 1 state': 'business_state estado_o_provincia_de_trabajo estado_o_provincia_del_trabajo',
    'address 1 postal': 'business_postal_code codigo_postal_del_trabajo codigo_postal_de_trabajo',
    'address 1 country':
      'business_country_region business_country pais_o_region_del_trabajo pais_o_region_de_trabajo pais_del_trabajo',
    'address 2 street': 'home_street calle_particular',
    'address 2 street2': 'home_street_2 calle_particular_2 calle_2_particular',
    'address 2 street3': 'home_street_3 calle_particular_3 calle_3_particular',
    'address 2 city': 'home_city ciudad_particular',
    'address 2 state': 'home_state estado_o_provincia_particular provincia_o_estado_particular',
    'address 2 postal': 'home_postal_code codigo_postal_particular',
    'address 2 country': 'home_country_region home_country pais_o_region_particular pais_particular',
    'address 3 street': 'other_street otra_calle',
    'address 3 street2': 'other_street_2 otra_calle_2',
    'address 3 street3': 'other_street_3 otra_calle_3',
    'address 3 city': 'other_city otra_ciudad',
    'address 3 state': 'other_state otro_estado_o_provincia',
    'address 3 postal': 'other_postal_code otro_codigo_postal',
    'address 3 country': 'other_country_region other_country otro_pais_o_region otro_pais',
    'left out':
      'e_mail_type e_mail_display_name e_mail_2_type e_mail_2_display_name e_mail_3_type e_mail_3_display_name given_yomi ' +
      'surname_yomi company_yomi directory_server internet_free_busy mileage priority private sensitivity initials anniversary_type ' +
      'tipo_de_correo_electronico nombre_de_pantalla_de_correo_electronico servidor_de_directorio disponibilidad_de_internet ' +
      'kilometraje prioridad privado caracter confidencialidad iniciales',
  },
};

/** Thunderbird's address book, English and Spanish. */
export const THUNDERBIRD: FileFormat = {
  name: 'thunderbird',
  title: 'Thunderbird',
  marks: [
    'display_name primary_email mobile_number',
    'display_name primary_email work_phone',
    'correo_electronico_principal numero_de_movil',
  ],
  names: {
    'whole name': 'display_name nombre_mostrado nombre_para_mostrar',
    'e-mail':
      'primary_email secondary_email correo_electronico_principal correo_electronico_secundario ' +
      'direccion_de_correo_electronico_principal direccion_de_correo_electronico_adicional',
    phone:
      'work_phone home_phone mobile_number telefono_del_trabajo telefono_de_casa telefono_particular numero_de_movil',
    'phone last': 'fax_number pager_number numero_de_fax numero_de_busca numero_de_buscapersonas',
    'birth year': 'birth_year ano_de_nacimiento',
    'birth month': 'birth_month mes_de_nacimiento',
    'birth day': 'birth_day dia_de_nacimiento',
    'address 1 street': 'home_address direccion_particular',
    'address 1 street2': 'home_address_2 direccion_particular_2',
    'address 1 city': 'home_city ciudad_particular',
    'address 1 state': 'home_state provincia_particular',
    'address 1 postal': 'home_zipcode home_zip_code codigo_postal_particular',
    'address 1 country': 'home_country pais_particular',
    'address 2 street': 'work_address direccion_del_trabajo',
    'address 2 street2': 'work_address_2 direccion_del_trabajo_2',
    'address 2 city': 'work_city ciudad_del_trabajo',
    'address 2 state': 'work_state provincia_del_trabajo',
    'address 2 postal': 'work_zipcode work_zip_code codigo_postal_del_trabajo',
    'address 2 country': 'work_country pais_del_trabajo',
    'left out': 'screen_name nombre_en_pantalla',
  },
};
