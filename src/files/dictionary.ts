import { FILE_FIELDS, namesOf, type Meaning, type NameTable } from './meaning.ts';

/** Names that people give to columns, normalised; English, Spanish, Portuguese. Names of numbers and e-mail: below. */
const NAMES: NameTable = {
  list_id: 'list lista listid id_lista lista_id list_number',
  title: 'titulo tratamiento tratamento salutation saludo saudacao prefix prefijo name_prefix trato',
  first_name:
    'firstname fname first name given_name given_names givenname forename nombre nombres nombre_s primer_nombre nombre_de_pila ' +
    'nome primeiro_nome prenome',
  middle_initial:
    'middle_name middlename middle initial inicial segundo_nombre additional_name nome_do_meio segundo_nome',
  last_name:
    'lastname lname last surname surnames family_name familyname apellido apellidos apellido_s sobrenome sobrenomes ultimo_nome',
  'whole name':
    'full_name fullname complete_name display_name displayname nombre_completo nombre_y_apellido nombre_y_apellidos ' +
    'nombres_y_apellidos apellido_y_nombre apellidos_y_nombre apellidos_y_nombres nombre_apellido nombre_apellidos ' +
    'nombre_del_cliente nombre_de_cliente nombre_cliente nombre_contacto nombre_del_contacto customer_name client_name ' +
    'contact_name lead_name person_name nome_completo nome_do_cliente nome_cliente nome_e_sobrenome titular',
  paternal:
    'apellido_paterno paterno ap_paterno a_paterno primer_apellido apellido_1 apellido1 apellido_p appaterno',
  maternal:
    'apellido_materno materno ap_materno a_materno segundo_apellido apellido_2 apellido2 apellido_m apmaterno',
  customer: 'customer cliente client',
  contact: 'contact contacto contato persona',
  is_customer: 'es_cliente e_cliente cliente_activo',
  numero: 'numero',
  company:
    'company company_name companyname organization organisation organization_name organisation_name organizacion org empresa ' +
    'nombre_empresa nombre_de_la_empresa nombre_de_empresa compania razon_social razao_social nome_da_empresa account_name ' +
    'company_account business_name negocio nombre_comercial',
  alt_phone: 'altphone alt',
  'area code': 'lada clave_lada area_code codigo_de_area codigo_area cod_area ddd prefijo_telefonico',
  address1:
    'address address_1 address1 street street_address street1 street_1 direccion direccion1 direccion_1 direccion_completa ' +
    'domicilio calle calle_y_numero calle_y_no calle_numero endereco endereco1 rua logradouro address_line_1 address_line1',
  'street number':
    'numero_exterior num_exterior no_exterior num_ext no_ext numero_ext exterior numero_interior num_interior no_interior ' +
    'num_int no_int numero_int interior house_number street_number numero_de_casa numero_casa',
  address2:
    'address_2 address2 street2 street_2 address_line_2 address_line2 direccion2 direccion_2 colonia col barrio bairro ' +
    'fraccionamiento urbanizacion asentamiento complemento neighborhood neighbourhood suburb',
  address3: 'address_3 address3 direccion3 direccion_3',
  city:
    'town ciudad cidade localidad localidade poblacion municipio delegacion alcaldia delegacion_municipio ' +
    'municipio_delegacion alcaldia_municipio municipio_alcaldia comuna city_town',
  state:
    'estado entidad entidad_federativa region uf state_province state_region estado_provincia departamento_estado',
  province: 'provincia',
  postal_code:
    'postalcode postal postcode post_code zip zip_code zipcode zip_postal_code cp c_p cod_postal codigo_postal cep',
  country_code: 'country pais codigo_pais codigo_de_pais country_region countrycode',
  gender: 'sex genero sexo',
  date_of_birth:
    'dob birthday birthdate birth_date bday born fecha_de_nacimiento fecha_nacimiento fecha_nac f_nacimiento fec_nac f_nac ' +
    'fecha_de_nac nacimiento cumpleanos cumple data_de_nascimento data_nascimento nascimento aniversario_nascimento',
  status: 'disposition dispo estatus disposicion',
  user: 'agent agente usuario asesor',
  comments:
    'comment notes note comentarios comentario notas nota observaciones observacion observacoes anotaciones remarks',
  last_local_call_time: 'last_call last_call_time ultima_llamada fecha_ultima_llamada',
  modify_date: 'modified last_modified modificado fecha_de_modificacion',
  list_name: 'listname nombre_lista nombre_de_lista',
};

const BY_NAME: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...FILE_FIELDS.map((field) => [field, field] as const),
  ...namesOf(NAMES),
]);

/** Words that say: a telephone number. */
const PHONE_WORDS = words(
  'phone phones phonenumber telephone telephones tel tels telf tlf tfno tfn fono telefono telefonos telefonico telefone telefones ' +
    'mobile mobil movil moviles movel cell cellphone cellular cel celular celulares celu whatsapp whatsap wsp wapp wa landline',
);
/** The number of something that is no person's telephone. */
const LAST_WORDS = words('fax faxes telefax pager beeper localizador telex tty tdd isdn rdsi');
/** What people put beside such a word. */
const KINDS = words(
  'home house casa hogar domicilio residencia residencial particular work job office oficina ofi trabajo trab trabalho laboral ' +
    'business negocio empresa comercial corporativo company main primary principal preferred default personal private privado fijo fija ' +
    'fixo direct directo contact contacto contato local cliente customer number numbers numero numeros num nro no n ' +
    'car radio callback switchboard conmutador central de del la el do da of for y e para com con',
);
/** The words for another one than the first. */
const OTHER_WORDS = words(
  'other otro otra outro outra alt alternate alternative alterno alternativo adicional additional extra second secondary segundo ' +
    'secundario third tercero tercer terceiro',
);
/** What people call an address of e-mail. */
const EMAIL_WORDS = words('email emails mail correo correos');
const EMAIL_KINDS = words(
  'e electronico electronicos eletronico address direccion endereco elec elect address value 1',
);

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/**
 * What a normalised name means: by the dictionary, else by its words (`tel_oficina`, `celular2`, `correo_personal`). A word
 * that is none of them may be the number of somebody else (`telefono_aval`): such a name means nothing.
 */
export function meaningOf(name: string): Meaning | undefined {
  return BY_NAME.get(name) ?? meaningOfWords(name.match(/[^\d_]+|\d+/g) ?? []);
}

function meaningOfWords(parts: readonly string[]): Meaning | undefined {
  const digits = parts.filter((part) => /^\d$/.test(part)).map(Number);
  const isKnown = (own: readonly ReadonlySet<string>[]) =>
    parts.every((part) => /^\d$/.test(part) || own.some((set) => set.has(part)));
  const has = (set: ReadonlySet<string>) => parts.some((part) => set.has(part));
  if (has(EMAIL_WORDS)) {
    return isKnown([EMAIL_WORDS, EMAIL_KINDS, KINDS, OTHER_WORDS]) ? 'e-mail' : undefined;
  }
  if (has(LAST_WORDS))
    return isKnown([LAST_WORDS, PHONE_WORDS, KINDS, OTHER_WORDS]) ? 'phone last' : undefined;
  if (!has(PHONE_WORDS) || !isKnown([PHONE_WORDS, KINDS, OTHER_WORDS])) return undefined;
  return has(OTHER_WORDS) || digits.some((digit) => digit > 1) ? 'phone 2' : 'phone';
}

/** Every name that has one meaning by itself, for suggestions. */
export function knownNames(): Iterable<readonly [name: string, meaning: Meaning]> {
  return [
    ...BY_NAME,
    ...[...PHONE_WORDS].map((name) => [name, 'phone'] as const),
    ...[...EMAIL_WORDS].map((name) => [name, 'e-mail'] as const),
  ];
}
