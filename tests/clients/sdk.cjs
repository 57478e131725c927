// Concur's own SDK for JavaScript: the Native flow, the code exchange, refresh and revocation of net2.
const assert = require('node:assert');
const { url, account, approve, asked } = require('./emulator.cjs');

process.env.CONCUR_BASE_URI = url;
const { oauth } = require('concur-platform');

async function main() {
  const { consumerKey, consumerSecret, loginId, administrator, password } = account;
  const native = await oauth.native({ username: loginId, password, consumerKey });
  assert.equal(native.value.length, 28);
  assert.equal(native.instanceUrl, `${url}/`);
  assert.ok(native.refreshToken && Date.parse(`${native.expiration} UTC`) > Date.now());

  const query = new URLSearchParams({ client_id: consumerKey, scope: 'EXPRPT', redirect_uri: 'https://app.example/back' });
  const { code } = await approve(`${url}/net2/oauth2/Login.aspx?${query}`);
  const secrets = { client_id: consumerKey, client_secret: consumerSecret };
  const token = await oauth.appCenter({ code, ...secrets });
  assert.notEqual(token.value, native.value);
  await assert.rejects(oauth.appCenter({ code, ...secrets }));

  const { refreshToken } = token;
  const refresh = { oauthToken: token.value, refreshToken, ...secrets };
  let refreshed = await oauth.refreshToken(refresh);
  assert.notEqual(refreshed.Access_Token.Token, token.value);
  // The SDK does not encode what it writes into a URL.
  while (refreshed.Access_Token.Token.includes('+')) refreshed = await oauth.refreshToken(refresh);

  const admin = await oauth.native({ username: administrator, password, consumerKey });
  // The SDK reads JSON where Concur sends nothing: it fails after the revocation.
  const revoke = { oauthToken: admin.value, token: true, revokeToken: refreshed.Access_Token.Token };
  oauth.revokeToken(revoke).catch(() => {});
  const isRevoked = (line) => line === 'POST /net2/oauth2/revoketoken.ashx 200';
  let lines = [];
  for (let tries = 0; tries < 50 && !lines.some(isRevoked); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    lines = lines.concat(await asked());
  }
  assert.ok(lines.some(isRevoked), lines.join('\n'));
}

// That the SDK throws there is its own, and no sign of the emulator's.
process.on('uncaughtException', (error) => {
  if (error instanceof SyntaxError) return;
  console.error(error);
  process.exit(1);
});
main().then(() => console.log('concur-platform: well'));
