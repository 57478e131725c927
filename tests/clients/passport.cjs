// passport-concur: the Web flow of net2.
const assert = require('node:assert');
const { url, account, approve } = require('./emulator.cjs');
const { Strategy } = require('passport-concur');

const settings = {
  authorizationURL: `${url}/net2/oauth2/Login.aspx`,
  tokenURL: `${url}/net2/oauth2/GetAccessToken.ashx`,
  clientID: account.consumerKey,
  clientSecret: account.consumerSecret,
  callbackURL: 'https://app.example/back',
  scope: ['EXPRPT', 'ITINER'],
  scopeSeparator: ',',
  skipUserProfile: true,
};

/** Runs the strategy on a request. Returns how it ended, and with what. */
function authenticate(query) {
  return new Promise((resolve, reject) => {
    const verify = (token, refreshToken, profile, done) => done(null, { token, refreshToken });
    const strategy = new Strategy(settings, verify);
    for (const end of ['success', 'redirect', 'fail', 'pass']) {
      strategy[end] = (...with_) => resolve([end, ...with_]);
    }
    strategy.error = reject;
    strategy.authenticate({ query });
  });
}

async function main() {
  const [redirect, location] = await authenticate({});
  assert.equal(redirect, 'redirect');
  const callback = await approve(location);
  const [success, user] = await authenticate(callback);
  assert.equal(success, 'success');
  assert.ok(user.token.length === 28 && user.refreshToken);
  await assert.rejects(authenticate(callback));
  const [fail] = await authenticate({ error: 'access_denied', error_description: 'User denied access' });
  assert.equal(fail, 'fail');
}

main().then(() => console.log('passport-concur: well'));
