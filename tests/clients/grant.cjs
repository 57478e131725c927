// grant: the authorization code grant of v0. Its own `concur` provider sends neither service what it asks for: with the URLs of v0, code
// and secret in the query, and no grant_type; and it cannot read a document of net2, which it takes for a form. As any OAuth 2.0
// provider, it works.
const assert = require('node:assert');
const express = require('express');
const session = require('express-session');
const grant = require('grant').express();
const { url, account, approve } = require('./emulator.cjs');

const app = express();
app.use(session({ secret: 'of a test', resave: false, saveUninitialized: true }));
app.use(grant({
  defaults: { origin: 'http://localhost', transport: 'session', state: true },
  ours: {
    oauth: 2,
    authorize_url: `${url}/oauth2/v0/authorize`,
    access_url: `${url}/oauth2/v0/token`,
    client_id: account.clientId,
    client_secret: account.clientSecret,
    redirect_uri: account.redirectUri,
    scope: ['openid', 'user.read'],
    scope_delimiter: ' ',
    callback: '/done',
  },
}));
app.get('/done', (request, response) => response.json(request.session.grant.response));

async function main(port) {
  const own = `http://localhost:${port}`;
  const start = await fetch(`${own}/connect/ours`, { redirect: 'manual' });
  const headers = { cookie: start.headers.get('set-cookie').split(';')[0] };
  const query = new URLSearchParams(await approve(start.headers.get('location')));
  assert.equal(query.get('geolocation'), url);
  const back = await fetch(`${own}/connect/ours/callback?${query}`, { headers, redirect: 'manual' });
  const done = await (await fetch(new URL(back.headers.get('location'), own), { headers })).json();
  assert.equal(done.access_token.split('.').length, 3, JSON.stringify(done));
  assert.ok(done.refresh_token && done.raw.expires_in === 3600);
}

const server = app.listen(0, () => {
  main(server.address().port).then(() => {
    console.log('grant: well');
    process.exit(0);
  });
});
