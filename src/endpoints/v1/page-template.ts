/** Quiet and readable without anything from elsewhere; the policy of the page allows this style alone. */
export const STYLE = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem}h3{margin:2rem 0 .25rem}code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{overflow:auto;padding:.75rem;border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.4rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}`;

/** Both pages; the template library escapes what is put in. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><%= it.title %></title>
<style><%~ it.style %></style>
</head>
<body>
<main>
<h1><%= it.title %></h1>
<p><%= it.text %></p>
<% if (it.links.length > 0) { %><ul><% for (const link of it.links) { %><li><a href="<%= link.href %>"><%= link.label %></a></li><% } %></ul><% } %>
<% for (const section of it.sections) { %>
<h2 id="<%= section.id %>"><%= section.title %></h2>
<% for (const operation of section.operations) { %>
<h3 id="<%= operation.id %>"><code><%= operation.method %> <%= operation.path %></code></h3>
<p><%= operation.summary %>.<% if (operation.description) { %> <%= operation.description %><% } %></p>
<p><%= operation.access %></p>
<% if (operation.parameters.length > 0) { %>
<table><thead><tr><th scope="col">parameter</th><th scope="col">place</th><th scope="col">what</th></tr></thead><tbody>
<% for (const parameter of operation.parameters) { %><tr><td><code><%= parameter.name %></code></td><td><%= parameter.place %></td><td><%= parameter.what %></td></tr><% } %>
</tbody></table><% } %>
<% if (operation.body) { %><p>Body (<%= operation.body.types %>):</p><pre tabindex="0"><%= operation.body.schema %></pre><% } %>
<table><thead><tr><th scope="col">status</th><th scope="col">answer</th></tr></thead><tbody>
<% for (const answer of operation.answers) { %><tr><td><%= answer.status %></td><td><%= answer.what %></td></tr><% } %>
</tbody></table>
<% } %>
<% } %>
<% for (const schema of it.schemas) { %>
<h2 id="<%= schema.id %>"><%= schema.title %></h2>
<pre tabindex="0"><%= schema.text %></pre>
<% } %>
</main>
</body>
</html>
`;
