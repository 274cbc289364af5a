/** Exports of programs of which there is no sample file: headers as the programs write them, one invented person each. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { FORMAT_NAMES } from '../../src/core/import-formats.ts';
import { KNOWN_FORMATS, meaningIn, recogniseFormat } from '../../src/files/formats/known-formats.ts';
import { normaliseName } from '../../src/files/file-field.ts';
import { planColumns } from '../../src/files/header.ts';
import { readLeads, type SampleRow } from './read-sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'callercard-formats-'));
after(() => rmSync(folder, { recursive: true }));

interface Example {
  readonly format: string;
  readonly text: string;
  readonly first: SampleRow['fields'];
  readonly custom: Readonly<Record<string, string | null>>;
  readonly further?: SampleRow['numbers'];
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  HubSpot: {
    format: 'hubspot',
    text: `Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Primary company,Last Activity Date (CST),Lead Status,Marketing contact status,Create Date (CST),Job Title,Lifecycle Stage
101,Rosa,Ibarra,rosa@example.com,,+52 33 2345 6731,Ana Soto,Flores Ibarra,,New,Non-marketing contact,2026-05-01 10:11,Owner,Lead`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '+52 33 2345 6731',
    },
    custom: {
      record_id: '101',
      contact_owner: 'Ana Soto',
      company: 'Flores Ibarra',
      lead_status: 'New',
      create_date_cst: '2026-05-01 10:11',
      job_title: 'Owner',
      lifecycle_stage: 'Lead',
    },
  },
  Pipedrive: {
    format: 'pipedrive',
    text: `Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Email - Home,Person - Phone - Work,Person - Phone - Mobile,Person - Labels,Person - Owner
7,Rosa Ibarra Soto,Flores,rosa@example.com,r2@example.com,33 2345 6741,"+52 33 2345 6742, +52 33 2345 6743",Hot,Ana`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra Soto',
      email: 'rosa@example.com',
      phone_number: '33 2345 6741',
      alt_phone: '+52 33 2345 6742',
    },
    custom: {
      person_id: '7',
      company: 'Flores',
      person_labels: 'Hot',
      person_owner: 'Ana',
      other_emails: 'r2@example.com',
    },
    further: [{ label: 'Person - Phone - Mobile', number: '+52 33 2345 6743' }],
  },
  Odoo: {
    format: 'odoo',
    text: `"External ID","Name","Phone","Mobile","Email","Street","Street2","City","State","Zip","Country","Salesperson","Company","Tags"
"__export__.res_partner_7","Rosa Ibarra","+52 33 2345 6751","+52 33 2345 6752","rosa@example.com","Calle 1","Centro","Guadalajara","Jalisco (MX)","44100","Mexico","Ana","Flores",""`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '+52 33 2345 6751',
      alt_phone: '+52 33 2345 6752',
      address1: 'Calle 1',
      address2: 'Centro',
      city: 'Guadalajara',
      state: 'Jalisco (MX)',
      postal_code: '44100',
      country_code: 'MX',
    },
    custom: { external_id: '__export__.res_partner_7', salesperson: 'Ana', company: 'Flores' },
  },
  'Bitrix24, Spanish': {
    format: 'bitrix24',
    text: `"ID";"Tratamiento";"Nombre";"Segundo nombre";"Apellido";"Teléfono del trabajo";"Teléfono celular";"Correo electrónico del trabajo";"Compañía";"Responsable"
"1";"Sra.";"Rosa";"";"Ibarra";"+52 33 2345 6761, +52 33 2345 6762";"+52 33 2345 6763";"rosa@example.com, r3@example.com";"Flores";"Ana"`,
    first: {
      title: 'Sra.',
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '+52 33 2345 6761',
      alt_phone: '+52 33 2345 6762',
    },
    custom: { id: '1', company: 'Flores', responsable: 'Ana', other_emails: 'r3@example.com' },
    further: [{ label: 'Teléfono celular', number: '+52 33 2345 6763' }],
  },
  Chatwoot: {
    format: 'chatwoot',
    text: `id,name,email,identifier,phone_number,company_name,created_at
9,Rosa Ibarra,rosa@example.com,,+523323456781,Flores,2026-01-01`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '+523323456781',
    },
    custom: { id: '9', company: 'Flores', created_at: '2026-01-01' },
  },
  FreePBX: {
    format: 'freepbx',
    text: `"displayname","fname","lname","title","company","address","phone_1_number","phone_1_type","phone_2_number","phone_2_type","phone_3_number","phone_3_type","email_1"
"Rosa Ibarra","Rosa","Ibarra","Owner","Flores","Calle 1","3323456791","cell","5553456792","work","5553456793","home","rosa@example.com"`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '3323456791',
      alt_phone: '5553456792',
      address1: 'Calle 1',
    },
    custom: { job_title: 'Owner', company: 'Flores' },
    further: [{ label: 'home', number: '5553456793' }],
  },
  Thunderbird: {
    format: 'thunderbird',
    text: `First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,Home Phone,Fax Number,Pager Number,Mobile Number,Home Address,Home Address 2,Home City,Home State,Home ZipCode,Home Country,Work Address,Work Address 2,Work City,Work State,Work ZipCode,Work Country,Job Title,Department,Organization,Web Page 1,Web Page 2,Birth Year,Birth Month,Birth Day,Custom 1,Custom 2,Custom 3,Custom 4,Notes,
,,Rosa Ibarra,,rosa@example.com,r2@example.com,,33 2345 6801,,33 2345 6809,,33 2345 6802,Calle 1,,Guadalajara,Jalisco,44100,MX,Av. 2,,Zapopan,Jalisco,45000,MX,,,Flores,,,1980,2,29,,,,,nota,`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '33 2345 6801',
      alt_phone: '33 2345 6802',
      address1: 'Calle 1',
      city: 'Guadalajara',
      state: 'Jalisco',
      postal_code: '44100',
      country_code: 'MX',
      date_of_birth: '1980-02-29',
      comments: 'nota',
    },
    custom: {
      company: 'Flores',
      other_emails: 'r2@example.com',
      other_addresses: 'Av. 2, 45000, Zapopan, Jalisco, MX',
    },
    further: [{ label: 'Fax Number', number: '33 2345 6809' }],
  },
  'Google Contacts before 2024': {
    format: 'google',
    text: `Name,Given Name,Additional Name,Family Name,Yomi Name,Given Name Yomi,Additional Name Yomi,Family Name Yomi,Name Prefix,Name Suffix,Initials,Nickname,Short Name,Maiden Name,Birthday,Gender,Location,Billing Information,Directory Server,Mileage,Occupation,Hobby,Sensitivity,Priority,Subject,Notes,Language,Photo,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value
Rosa Ibarra,Rosa,,Ibarra,,,,,,,,,,,--03-15,,,,,,,,,,,,,https://example.com/y.jpg,* myContacts,* ,rosa@example.com,* Mobile,33 2345 6811 ::: 33 2345 6812 ::: 33 2345 6813`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '33 2345 6811',
      alt_phone: '33 2345 6812',
      date_of_birth: '0000-03-15',
    },
    custom: { group_membership: '* myContacts' },
    further: [{ label: 'Mobile', number: '33 2345 6813' }],
  },
  'Outlook, Spanish': {
    format: 'outlook',
    text: `"Título","Nombre","Segundo nombre","Apellidos","Sufijo","Organización","Departamento","Puesto","Calle del trabajo","Ciudad de trabajo","Fax del trabajo","Teléfono del trabajo","Particular","Teléfono móvil","Dirección de correo electrónico","Cumpleaños","Aniversario","Sexo","Notas"
"Lic","Rosa","","Ibarra","","Flores","","","Av. 1","Guadalajara","33 2345 6820","33 2345 6821","33 2345 6822","33 2345 6823","rosa@example.com","0/0/00","0/0/00","Sin especificar","x"`,
    first: {
      title: 'Lic',
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '33 2345 6821',
      alt_phone: '33 2345 6822',
      address1: 'Av. 1',
      city: 'Guadalajara',
      gender: 'U',
      comments: 'x',
    },
    custom: { company: 'Flores' },
    further: [
      { label: 'Teléfono móvil', number: '33 2345 6823' },
      { label: 'Fax del trabajo', number: '33 2345 6820' },
    ],
  },
  'Meta lead ads, with a question of its own': {
    format: 'meta',
    text: `id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,platform,¿cuál_es_tu_presupuesto?,nombre_completo,número_de_teléfono,correo_electrónico
l:1,2026-05-01T10:11:12-06:00,ag:1,Ad,as:1,Set,c:1,Camp,f:1,Form,false,fb,$5000,Rosa Ibarra,p:+523323456831,rosa@example.com`,
    first: {
      first_name: 'Rosa',
      last_name: 'Ibarra',
      email: 'rosa@example.com',
      phone_number: '+523323456831',
    },
    custom: {
      id: 'l:1',
      created_time: '2026-05-01T10:11:12-06:00',
      campaign_name: 'Camp',
      form_name: 'Form',
      cual_es_tu_presupuesto: '$5000',
    },
  },
};

describe('an export', () => {
  for (const [name, { format, text, first, custom, further = [] }] of Object.entries(EXAMPLES)) {
    it(`of ${name} goes in without a flag`, async () => {
      const path = join(folder, 'leads.csv');
      writeFileSync(path, text);
      const { plan, rows, rejected, warnings, problems } = await readLeads(path);
      assert.deepEqual({ problems, rejected, warnings }, { problems: [], rejected: [], warnings: [] });
      assert.equal(plan?.format?.name, format);
      const [row] = rows;
      assert.ok(row);
      assert.deepEqual(row.fields, first);
      const values = [...row.custom].filter(([, value]) => value !== null);
      assert.deepEqual(Object.fromEntries(values), custom);
      assert.deepEqual(row.numbers, further);
    });
  }
});

describe('the formats', () => {
  it('are those that --format names', () => {
    assert.deepEqual(KNOWN_FORMATS.map(({ name }) => name).sort(), [...FORMAT_NAMES].sort());
  });

  it('have names as headers are compared, each with one meaning', () => {
    for (const { title, names, marks } of KNOWN_FORMATS) {
      const all = Object.values(names).flatMap((words) => words?.split(' ') ?? []);
      const written = [...all, ...marks.flatMap((mark) => mark.split(' '))];
      assert.deepEqual(
        written.filter((name) => normaliseName(name) !== name),
        [],
        title,
      );
      assert.deepEqual(
        all.filter((name, at) => all.indexOf(name) !== at),
        [],
        title,
      );
    }
  });

  it('are known by a header of their own alone', () => {
    for (const format of KNOWN_FORMATS) {
      for (const mark of format.marks) {
        assert.equal(recogniseFormat(new Set(mark.split(' '))), format, `${format.title}: ${mark}`);
      }
    }
    for (const header of [
      ['nombre', 'telefono', 'correo'],
      ['first_name', 'last_name', 'phone', 'email'],
      ['id', 'name', 'phone_number'],
    ])
      assert.equal(recogniseFormat(new Set(header)), undefined, header.join());
  });

  it('can be said where the header does not show it', () => {
    const header = ['First Name', 'Title', 'Phone'];
    const flags = { map: [], custom: [], ignore: [] };
    const labels = (format?: 'salesforce') => {
      const planned = planColumns(header, { ...flags, format }, true);
      assert.ok('plan' in planned);
      return planned.plan.custom.map(({ field }) => field.label);
    };
    assert.deepEqual(labels(), []);
    assert.deepEqual(labels('salesforce'), ['job_title']);
  });

  it('number their columns without an end', () => {
    const [google] = KNOWN_FORMATS.filter(({ name }) => name === 'google');
    assert.ok(google);
    assert.equal(meaningIn(google, 'phone_12_value'), 'phone');
    assert.equal(meaningIn(google, 'address_3_city'), 'address 3 city');
    assert.equal(meaningIn(google, 'phone_12'), undefined);
  });
});
