// What the clients share: the emulator's sample account, and a user with a browser.
const assert = require('node:assert');

const url = process.env.EMULATOR;
const account = {
  consumerKey: 'hj7683jslks93lalkjss93',
  consumerSecret: '3ukkqMSIPORvMmXQqQ7QFJnDckLzmO5Z',
  clientId: '3e5a7c1c-9e2b-4f0a-8f6e-5d9b0c6a7e11',
  clientSecret: 'c6ad8a1f-0d6b-4d0e-9d58-3b1f2a7f4c55',
  redirectUri: 'http://localhost:8976/',
  loginId: 'john_developer@hotmail.com',
  administrator: 'administrator@example.com',
  password: 'Travel&Expense$2012',
};

/** Signs in at an authorization URL and approves. Returns the parameters of the callback. */
async function approve(authorizationUrl) {
  const page = await fetch(authorizationUrl);
  assert.equal(page.status, 200, await page.text());
  const form = new URLSearchParams({
    decision: 'approve', login_id: account.loginId, password: account.password,
  });
  const back = await fetch(authorizationUrl, { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(back.status, 302);
  return Object.fromEntries(new URL(back.headers.get('location')).searchParams);
}

/** Returns what the emulator was asked, without what it was asked before. */
async function asked() {
  const { requests } = await (await fetch(`${url}/_emulator/requests`)).json();
  await fetch(`${url}/_emulator/requests`, { method: 'DELETE' });
  return requests.map((it) => `${it.method} ${it.path} ${it.status}`);
}

module.exports = { url, account, approve, asked };
