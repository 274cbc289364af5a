import type { FastifyInstance, FastifyRequest } from 'fastify';

import { ProblemError } from '../../core/problem.ts';
import { registerEndpoint } from '../../http/domain-context.ts';
import type { DomainResolver } from '../../service/services.ts';

/** A host with or without a port, as it may stand in a URL and in XML. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** `GET /integrations/3cx.xml`: the CRM template of 3CX for this installation, without any secret in it. */
export function registerThreeCx(server: FastifyInstance, domains: DomainResolver): void {
  registerEndpoint(server, domains, (app) => {
    app.get('/integrations/3cx.xml', (request, reply) =>
      reply
        .type('application/xml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="callercard-3cx.xml"')
        .send(threeCxTemplate(publicUrlOf(request))),
    );
  });
}

/** The URL by which the client reached this installation; throws a ProblemError where the Host header names no host. */
function publicUrlOf({ protocol, host }: FastifyRequest): string {
  if (!HOST.test(host)) {
    throw new ProblemError({ code: 'request_unparsable', reason: 'its Host header names no host' });
  }
  // A trusted proxy may have passed on whatever its client said.
  return `${protocol === 'https' ? 'https' : 'http'}://${host}`;
}

/**
 * What 3CX reads under Settings > CRM: how to look up a number, and which member of the answer is what. Words in brackets are
 * variables of 3CX. `AsIs` and no length: callercard compares numbers by meaning.
 *
 * @param url of this installation, without a slash at its end; nothing in it needs escaping
 */
function threeCxTemplate(url: string): string {
  const outputs = [...OUTPUTS, ['ContactUrl', `${url}/card?lead=[LeadId]&amp;phone=[Number]`] as const];
  return `<?xml version="1.0" encoding="utf-8"?>
<Crm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" Country="Global" Name="callercard" Version="1" SupportsEmojis="true">
  <Number Prefix="AsIs" MaxLength="" />
  <Connection MaxConcurrentRequests="8" />
  <Parameters>
    <Parameter Name="Token" Type="Password" Parent="General Configuration" Editor="String" Title="Token (callercard token create 3cx --scope read)" Default="" />
  </Parameters>
  <Authentication Type="No" />
  <Scenarios>
    <Scenario Id="" Type="REST">
      <Request Url="${url}/v1/leads?phone=[Number]&amp;limit=1" MessagePasses="0" RequestEncoding="UrlEncoded" RequestType="Get" ResponseType="Json">
        <Headers>
          <Value Key="Authorization" Passes="1" Type="String">Bearer [Token]</Value>
        </Headers>
      </Request>
      <Rules>
        <Rule Type="Any">leads.lead_id</Rule>
      </Rules>
      <Variables>
${VARIABLES.map(([name, path]) => `        <Variable Name="${name}" Path="leads.${path}"><Filter /></Variable>`).join('\n')}
      </Variables>
      <Outputs AllowEmpty="false">
${outputs.map(([type, value]) => `        <Output Type="${type}" Passes="0" Value="${value}" />`).join('\n')}
      </Outputs>
    </Scenario>
  </Scenarios>
</Crm>
`;
}

const VARIABLES = [
  ['LeadId', 'lead_id'],
  ['FirstName', 'first_name'],
  ['LastName', 'last_name'],
  ['Email', 'email'],
  ['Phone', 'phone_number'],
  ['AltPhone', 'alt_phone'],
] as const;

/** 3CX compares these numbers with the caller's; stored ones may be written otherwise, so the caller's own is among them. */
const OUTPUTS = [
  ['FirstName', '[FirstName]'],
  ['LastName', '[LastName]'],
  ['Email', '[Email]'],
  ['PhoneBusiness', '[Number]'],
  ['PhoneMobile', '[Phone]'],
  ['PhoneHome', '[AltPhone]'],
  ['EntityId', '[LeadId]'],
  ['EntityType', 'Leads'],
] as const;
