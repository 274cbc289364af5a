import { LEAD_FIELDS } from '../core/lead.ts';

/** What a column of a lead file can be: the documented fields and what `export` writes beside them. */
export const FILE_FIELDS = [
  ...LEAD_FIELDS,
  'is_customer',
  'last_local_call_time',
  'modify_date',
  'list_name',
] as const;
export type FileField = (typeof FILE_FIELDS)[number];

/** Columns that a rejects file has after the original ones; read back, they are skipped without a word. */
export const REJECT_COLUMNS = ['reject_line', 'reject_reason'] as const;

/**
 * Other names under which files bring the fields, normalised. Where a name could mean two fields (`colonia`,
 * `nombre_completo`), none is guessed: `--map` says it.
 */
const ALIASES: Partial<Record<FileField, string>> = {
  lead_id: 'id lead leadid id_lead lead_number',
  list_id: 'list lista listid id_lista lista_id list_number',
  title: 'titulo tratamiento salutation saludo',
  first_name: 'firstname name given_name nombre nombres nombre_s primer_nombre',
  middle_initial: 'middle_name middle initial inicial segundo_nombre',
  last_name: 'lastname surname family_name apellido apellidos apellido_s apellido_paterno primer_apellido',
  phone_number:
    'phone phonenumber telephone tel mobile cell cellphone cell_phone mobile_phone numero numero_de_telefono ' +
    'numero_telefonico telefono telefono1 telefono_1 phone1 phone_1 celular movil telefono_celular telefono_movil',
  alt_phone:
    'altphone alternate_phone alternative_phone alt second_phone phone2 phone_2 other_phone telefono2 telefono_2 ' +
    'telefono_alterno telefono_alternativo segundo_telefono otro_telefono celular2 celular_2',
  email: 'e_mail mail correo correo_electronico email_address',
  address1: 'address address_1 street direccion direccion1 direccion_1 domicilio calle',
  address2: 'address_2 direccion2 direccion_2',
  address3: 'address_3 direccion3 direccion_3',
  city: 'town ciudad localidad poblacion municipio',
  state: 'estado entidad entidad_federativa',
  province: 'provincia',
  postal_code: 'postalcode postcode zip zip_code zipcode cp c_p codigo_postal',
  country_code: 'country pais codigo_pais codigo_de_pais',
  gender: 'sex genero sexo',
  date_of_birth:
    'dob birthday birthdate birth_date fecha_de_nacimiento fecha_nacimiento nacimiento cumpleanos',
  status: 'disposition dispo estatus disposicion',
  user: 'agent agente usuario asesor',
  comments: 'comment notes note comentarios comentario notas nota observaciones',
  is_customer: 'customer cliente es_cliente',
  last_local_call_time: 'last_call last_call_time ultima_llamada fecha_ultima_llamada',
  modify_date: 'modified last_modified modificado fecha_de_modificacion',
  list_name: 'listname nombre_lista nombre_de_lista',
};

const BY_NAME: ReadonlyMap<string, FileField> = new Map(
  FILE_FIELDS.flatMap((field) =>
    [field, ...(ALIASES[field]?.split(' ') ?? [])].map((name) => [name, field] as const),
  ),
);

/** `Teléfono 2` and `telefono_2` are one name: lower case, no accents, all between letters and digits is `_`. */
export function normaliseName(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_|_$/g, '');
}

/** The field that a column's name means, by its own or another common name. */
export function fieldNamed(name: string): FileField | undefined {
  return BY_NAME.get(normaliseName(name));
}

/** True for a field's own name. */
export function isFileField(name: string): name is FileField {
  return (FILE_FIELDS as readonly string[]).includes(name);
}
