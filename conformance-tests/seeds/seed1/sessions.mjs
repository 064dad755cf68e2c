// Who is signed in, as a page finds out.

import { PASSWORD, Visitor } from '../common/user.mjs';
import { until } from '../common/checks.mjs';

const NO_SCOPE = 'User (role: guests) missing scopes (["account"])';

export async function sessions(check, { guest }, { sdk, env }) {
  await check.fails('a guest has no account', 401, 'general_unauthorized_scope', () => guest.account.get(), NO_SCOPE);
  const visitor = await new Visitor(sdk, 'sally').signUp();
  const second = visitor.account.createEmailPasswordSession ? 'createEmailPasswordSession' : 'createEmailSession';
  await check.fails('two sessions at once', 401, 'user_session_already_exists', () => visitor.account[second]('sally@example.com', PASSWORD));
  await check.fails('the same e-mail again', 409, 'user_already_exists', () => guest.account.create('unique()', 'sally@example.com', PASSWORD));
  const listed = await visitor.account.listSessions();
  check.eq('one session, the current one', [listed.total, listed.sessions[0].current, listed.sessions[0].userId], [1, true, 'sally']);
  await visitor.account.updatePrefs({ theme: 'dark' });
  check.eq('preferences', await visitor.account.getPrefs(), { theme: 'dark' });

  const { jwt } = await visitor.account.createJWT();
  const mobile = new Visitor(sdk, 'sally');
  mobile.client.setJWT(jwt);
  check.eq('a JWT is its user', (await mobile.account.get()).$id, 'sally');

  if (typeof visitor.client.setSession === 'function') {
    const rendered = new Visitor(sdk, 'sally');
    rendered.client.setSession(visitor.secret);
    check.eq('client.setSession is its user', (await rendered.account.get()).$id, 'sally');
  }

  const cookies = await new Visitor(sdk, 'sally', { cookies: true }).signIn();
  cookies.tab.storage.clear();
  check.eq('a browser with cookies needs no localStorage', (await cookies.account.get()).$id, 'sally');
  await cookies.account.deleteSession('current');
  check.eq('logout takes the cookies away', [...cookies.tab.cookies.keys()], []);

  await visitor.account.deleteSession('current');
  check.eq('logout empties what localStorage held', visitor.tab.storage.getItem('cookieFallback'), '[]');
  await check.fails('after logout the page is a guest', 401, 'general_unauthorized_scope', () => visitor.account.get(), NO_SCOPE);
  await check.fails('and so is its JWT', 401, 'general_unauthorized_scope', () => mobile.account.get(), NO_SCOPE);

  const foreign = new Visitor(sdk, 'foreign', { origin: 'http://evil.example' });
  const refused = await foreign.account.get().then(() => 'answered', (error) => String(error.message));
  check.true('a page of an unknown origin is kept out', refused.includes('Failed to fetch'), refused);

  const anonymous = new Visitor(sdk, 'anonymous');
  const session = await anonymous.account.createAnonymousSession();
  check.eq('an anonymous session', session.provider, 'anonymous');
  const made = await anonymous.account.updateEmail('named@example.com', PASSWORD);
  check.eq('becomes an account', [made.$id, made.email], [session.userId, 'named@example.com']);
  check.true('tabs made no noise', await until(() => visitor.tab.log.length === 0, 100), visitor.tab.log.join());
  void env;
}
