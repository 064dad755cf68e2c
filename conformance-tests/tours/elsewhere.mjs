// Signing in with an account elsewhere, and webhooks, with the Node SDK on the server and the web SDK of the page: elsewhere.mjs NODE-SDK WEB-SDK.
// The program is the provider (OpenID Connect) and the receiver of the webhook itself.

import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { Checks, env, until } from '../seeds/common/checks.mjs';

const require = createRequire(import.meta.url);
const [node, web] = process.argv.slice(2);
const lib = require(node);
const page = require(web);
const check = new Checks();
const server = new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setKey(env.key);
const visitor = new page.Client().setEndpoint(env.endpoint).setProject(env.project);
const ada = { sub: 'ada-1', email: 'ada@example.com', email_verified: true, name: 'Ada' };
const received = [];
let asked;

const elsewhere = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const here = `http://${request.headers.host}`;
  const form = new URLSearchParams(body);
  const answers = {
    '/.well-known/openid-configuration': () => ({ authorization_endpoint: `${here}/authorize`, token_endpoint: `${here}/token`, userinfo_endpoint: `${here}/me` }),
    '/me': () => (request.headers.authorization === 'Bearer access' ? ada : {}),
    '/token': () => {
      const digest = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      const good = form.get('code') === 'the-code' && digest === asked.get('code_challenge') && form.get('redirect_uri') === asked.get('redirect_uri');
      return good ? { access_token: 'access', refresh_token: 'refresh', expires_in: 3600 } : { error: 'invalid_grant' };
    },
    '/hook': () => (received.push({ headers: request.headers, body }), {}),
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answers[request.url]?.() ?? {}));
});
await new Promise((ready) => elsewhere.listen(0, '127.0.0.1', ready));
const here = `http://127.0.0.1:${elsewhere.address().port}`;

/** Where a URL redirects to. */
const location = async (url, cookie) => {
  const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
  return { to: answer.headers.get('location'), cookies: answer.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ') };
};

/** The person agrees at the provider; the address the app gets its user back at. */
async function agreed(login, cookie) {
  asked = new URL(login).searchParams;
  const handed = await location(`${asked.get('redirect_uri')}?${new URLSearchParams({ code: 'the-code', state: asked.get('state') })}`);
  return location(handed.to, cookie);
}

async function settings() {
  const hook = await new lib.Webhooks(server).create({ webhookId: 'hook', url: `${here}/hook`, name: 'Hook', events: ['users.*.sessions.*.create'], secret: 'a-good-secret' });
  check.eq('the key of the signature is told once', [hook.secret, (await new lib.Webhooks(server).get({ webhookId: 'hook' })).secret], ['a-good-secret', '']);
  const told = await new lib.Project(server).updateOAuth2Oidc({ clientId: 'app', clientSecret: 'app-secret', wellKnownURL: `${here}/.well-known/openid-configuration`, enabled: true });
  check.has('the provider is on and its secret stays inside', told, { $id: 'oidc', enabled: true, clientSecret: '' });
}

async function tokens() {
  const login = await new lib.Account(server).createOAuth2Token({ provider: lib.OAuthProvider.Oidc, success: 'http://localhost/welcome', failure: 'http://localhost/sorry' });
  check.true('the server gets the provider\'s address', login.startsWith(`${here}/authorize?`), login);
  const back = new URL((await agreed(login)).to);
  const session = await new page.Account(visitor).createSession({ userId: back.searchParams.get('userId'), secret: back.searchParams.get('secret') });
  check.has('the page makes a session of the token', session, { provider: 'oidc', userId: back.searchParams.get('userId') });
  await check.fails('once', 401, 'user_invalid_token', () => new lib.Account(server).createSession({ userId: back.searchParams.get('userId'), secret: back.searchParams.get('secret') }));
}

async function sessions() {
  // Without a window the web SDK tells where it would go.
  const start = await new page.Account(visitor).createOAuth2Session({ provider: page.OAuthProvider.Oidc, success: 'http://localhost/welcome', failure: 'http://localhost/sorry' });
  const begun = await location(start);
  const stranger = await agreed(begun.to);
  check.true('another browser does not get the session', stranger.to.startsWith('http://localhost/sorry?error='), stranger.to);
  const done = await agreed((await location(start, begun.cookies)).to, begun.cookies);
  check.true('the browser comes back with one', done.to === 'http://localhost/welcome' && done.cookies.includes(`a_session_${env.project}=`), done.to);
  const answer = await fetch(`${env.endpoint}/account`, { headers: { 'x-appwrite-project': env.project, cookie: done.cookies } });
  check.has('of the account of the provider\'s address', await answer.json(), { email: 'ada@example.com', name: 'Ada', emailVerification: true });
}

async function hooks() {
  await until(() => received.length >= 2);
  check.eq('both sessions arrive', received.length, 2);
  for (const { headers, body } of received) {
    const signature = createHmac('sha1', 'a-good-secret').update(`${here}/hook${body}`).digest('base64');
    check.eq('signed', headers['x-appwrite-webhook-signature'], signature);
    check.has('with the model and no secret', JSON.parse(body), { provider: 'oidc', secret: '' });
  }
}

for (const part of [settings, tokens, sessions, hooks]) await check.section(part.name, part);
elsewhere.close();
check.finish();
