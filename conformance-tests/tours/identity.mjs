// Ways into an account and second factors, as a page and its server use them: identity.mjs NODE-SDK WEB-SDK.

import { createHmac } from 'node:crypto';
import { Checks, env, until } from '../seeds/common/checks.mjs';
import { server } from '../seeds/common/server.mjs';
import { PASSWORD, Visitor } from '../seeds/common/user.mjs';
import { code, link, mail } from './mails.mjs';

const [node, web] = process.argv.slice(2);
const check = new Checks();
const { lib, client, users, teams } = server(node);
const PAGE = 'http://localhost/page';
const tab = (name) => new Visitor(web, name);
/** The call of a method, by its newer name where the SDK has it. */
const named = (account, ...names) => account[names.find((name) => account[name])].bind(account);

/** The code of an authenticator app. */
function totp(secret, step = 0) {
  const bits = [...secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

await check.section('verification', async () => {
  const ada = await tab('ada').signUp();
  const token = await named(ada.account, 'createEmailVerification', 'createVerification')(PAGE);
  check.has('the token is the user’s and tells no secret', token, { userId: 'ada', secret: '' });
  const got = await mail('ada@example.com');
  check.true('the mail names the project', got.subject.includes(env.project), got.subject);
  const { userId, secret } = link(got);
  const confirm = named(ada.account, 'updateEmailVerification', 'updateVerification');
  await check.fails('another secret', 401, 'user_invalid_token', () => confirm(userId, 'x'.repeat(256)));
  await confirm(userId, secret);
  check.eq('the address is verified', (await ada.account.get()).emailVerification, true);
  await check.fails('the link works once', 401, 'user_invalid_token', () => confirm(userId, secret));
  await check.fails('a page of nobody’s', 400, 'general_argument_invalid', () => named(ada.account, 'createEmailVerification', 'createVerification')('http://evil.example'));
});

await check.section('recovery', async () => {
  const [bob, guest] = [await tab('bob').signUp(), tab('guest')];
  await guest.account.createRecovery('bob@example.com', PAGE);
  const { userId, secret } = link(await mail('bob@example.com'));
  await guest.account.updateRecovery(userId, secret, 'another-horse-2');
  await check.fails('old sessions are over', 401, 'general_unauthorized_scope', () => bob.account.get());
  await check.fails('so is the old password', 401, 'user_invalid_credentials', () => tab('bob').signIn());
  const session = await guest.account.createEmailPasswordSession('bob@example.com', 'another-horse-2');
  check.eq('the new one signs in', session.userId, 'bob');
  await check.fails('the link works once', 401, 'user_invalid_token', () => guest.account.updateRecovery(userId, secret, 'third-horse-33'));
});

await check.section('magic link', async () => {
  const carl = tab('carl');
  const token = await carl.account.createMagicURLToken('carl', 'carl@example.com', PAGE, true);
  const got = await mail('carl@example.com');
  check.true('the mail shows the phrase of the page', token.phrase && got.text.includes(token.phrase), got.text);
  const { userId, secret } = link(got);
  const session = await carl.account.updateMagicURLSession(userId, secret);
  check.has('the session', session, { userId: 'carl', provider: 'magic-url', current: true });
  check.has('an account was made, its address verified', await carl.account.get(), { $id: 'carl', emailVerification: true, passwordUpdate: '' });
  await check.fails('the link works once', 401, 'user_invalid_token', () => tab('x').account.createSession(userId, secret));
});

await check.section('code by mail', async () => {
  const dora = tab('dora');
  await dora.account.createEmailToken('dora', 'dora@example.com');
  const otp = code(await mail('dora@example.com'));
  await check.fails('another code', 401, 'user_invalid_token', () => dora.account.createSession('dora', otp === '000000' ? '000001' : '000000'));
  check.has('the session', await dora.account.createSession('dora', otp), { userId: 'dora', provider: 'token' });
  check.eq('targets', (await dora.account.get()).targets.map((t) => [t.providerType, t.identifier]), [['email', 'dora@example.com']]);
});

await check.section('phone', async () => {
  await new lib.Project(client).createMockPhone({ number: '+4915550001', otp: '246813' });
  const eve = tab('eve');
  await eve.account.createPhoneToken('eve', '+4915550001');
  check.has('the session', await named(eve.account, 'createSession')('eve', '246813'), { userId: 'eve', provider: 'phone' });
  check.has('the number is verified', await eve.account.get(), { phone: '+4915550001', phoneVerification: true });
});

await check.section('anonymous', async () => {
  const gina = tab('gina');
  const { userId } = await gina.account.createAnonymousSession();
  await gina.account.updateEmail('gina@example.com', PASSWORD);
  check.has('the same account has an address and a password', await gina.account.get(), { $id: userId, email: 'gina@example.com' });
  check.eq('and signs in by it', (await tab('gina').signIn()).id, userId);
});

await check.section('authenticator', async () => {
  const hal = await tab('hal').signUp();
  const authenticator = named(hal.account, 'createMFAAuthenticator', 'createMfaAuthenticator');
  const { secret, uri } = await authenticator('totp');
  check.true('the address for the app', uri.startsWith('otpauth://totp/') && uri.includes(secret), uri);
  const confirm = named(hal.account, 'updateMFAAuthenticator', 'updateMfaAuthenticator');
  await check.fails('another code', 401, 'user_invalid_token', () => confirm('totp', '000000'));
  await confirm('totp', totp(secret));
  const { recoveryCodes } = await named(hal.account, 'createMFARecoveryCodes', 'createMfaRecoveryCodes')();
  check.eq('codes for later', recoveryCodes.length, 6);
  check.eq('the account has a second factor', (await hal.account.updateMFA(true)).mfa, true);
  check.has('factors', await named(hal.account, 'listMFAFactors', 'listMfaFactors')(), { totp: true, email: false, phone: false, recoveryCode: true });
  const again = await tab('hal').signIn();
  await check.fails('a new session is not enough', 401, 'user_more_factors_required', () => again.account.get());
  const [ask, answer] = [named(again.account, 'createMFAChallenge', 'createMfaChallenge'), named(again.account, 'updateMFAChallenge', 'updateMfaChallenge')];
  const challenge = await ask('totp');
  await check.fails('another code', 401, 'user_invalid_token', () => answer(challenge.$id, '000000'));
  check.eq('both factors', (await answer(challenge.$id, totp(secret))).factors, ['password', 'totp']);
  check.eq('the account opens', (await again.account.get()).$id, 'hal');
  const third = await tab('hal').signIn();
  const recovery = await named(third.account, 'createMFAChallenge', 'createMfaChallenge')('recoverycode');
  await named(third.account, 'updateMFAChallenge', 'updateMfaChallenge')(recovery.$id, recoveryCodes[0]);
  check.eq('a code for later opens it, too', (await third.account.get()).$id, 'hal');
  check.eq('and is used up', (await named(third.account, 'getMFARecoveryCodes', 'getMfaRecoveryCodes')()).recoveryCodes.length, 5);
  check.eq('a server sees the factors', (await users.listMFAFactors({ userId: 'hal' })).totp, true);
});

await check.section('second factor by mail', async () => {
  const ida = await tab('ida').signUp();
  await users.updateEmailVerification('ida', true);
  await ida.account.updateMFA(true);
  const again = await tab('ida').signIn();
  await check.fails('a new session is not enough', 401, 'user_more_factors_required', () => again.account.get());
  const challenge = await named(again.account, 'createMFAChallenge', 'createMfaChallenge')('email');
  await named(again.account, 'updateMFAChallenge', 'updateMfaChallenge')(challenge.$id, code(await mail('ida@example.com')));
  check.eq('the code opens the account', (await again.account.get()).$id, 'ida');
});

await check.section('team', async () => {
  const [jan, kim] = [await tab('jan').signUp(), tab('kim')];
  await jan.teams.create('crew', 'The crew');
  const invited = await jan.teams.createMembership('crew', ['editor'], 'kim@example.com', undefined, undefined, PAGE, 'Kim');
  check.has('invited', invited, { confirm: false, teamName: 'The crew', roles: ['editor'] });
  const got = await mail('kim@example.com');
  check.true('the mail names the team', got.subject.includes('The crew'), got.subject);
  const { membershipId, userId, secret } = link(got);
  const events = await jan.listen(['memberships']);
  // Older SDKs connect in their own time.
  await until(() => [...jan.tab.sockets].some((socket) => socket.readyState === 1));
  const joined = await kim.teams.updateMembershipStatus('crew', membershipId, userId, secret);
  check.has('joined', joined, { confirm: true, userId });
  check.has('and signed in', await kim.account.get(), { $id: userId, emailVerification: true });
  check.eq('two members', (await jan.teams.get('crew')).total, 2);
  check.true('the owner hears of it', await until(() => events.events.some((e) => e.payload.$id === membershipId)));
  await check.fails('the invitation works once', 409, 'membership_already_confirmed', () => tab('x').teams.updateMembershipStatus('crew', membershipId, userId, secret));
  await check.fails('members do not invite', 401, 'user_unauthorized', () => kim.teams.createMembership('crew', ['a'], 'x@example.com', undefined, undefined, PAGE));
  await jan.teams.updateMembership('crew', membershipId, ['owner']);
  await kim.teams.updateName('crew', 'Ours');
  check.eq('a new role counts at once', (await jan.teams.get('crew')).name, 'Ours');
  jan.close();
});

await check.section('identities and targets', async () => {
  const lea = await tab('lea').signUp();
  check.eq('no identities', (await lea.account.listIdentities()).total, 0);
  await check.fails('one that is not there', 404, 'user_identity_not_found', () => lea.account.deleteIdentity('nothing'));
  check.eq('a target for the address', (await users.listTargets('lea')).targets.map((t) => t.identifier), ['lea@example.com']);
  const push = await lea.account.createPushTarget('push1', 'device-token-1');
  check.has('one for a device', push, { providerType: 'push', identifier: 'device-token-1' });
  check.eq('its token changes', (await lea.account.updatePushTarget('push1', 'device-token-2')).identifier, 'device-token-2');
  await lea.account.deletePushTarget('push1');
  check.eq('and it goes', (await users.listTargets('lea')).total, 1);
});

await check.section('impersonation', async () => {
  const mia = await tab('mia').signUp();
  const key = new lib.Client().setEndpoint(env.endpoint).setProject(env.project);
  const as = (session) => new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setSession(session).setImpersonateUserId('ada');
  await check.fails('nobody acts as another', 401, 'general_unauthorized_scope', () => new lib.Account(key.setImpersonateUserId('ada')).get());
  await users.updateImpersonator({ userId: 'mia', impersonator: true });
  const acting = await new lib.Account(as(mia.secret)).get();
  check.has('who may, does', acting, { $id: 'ada', impersonatorUserId: 'mia' });
  await users.updateImpersonator({ userId: 'mia', impersonator: false });
  const after = await new lib.Account(as(mia.secret)).get().catch((error) => error);
  check.true('and no longer may', after.$id !== 'ada', JSON.stringify(after));
});

await check.section('a server signs people in', async () => {
  await users.create('nia', 'nia@example.com', undefined, 'a-good-horse', 'Nia');
  const { secret } = await users.createToken('nia');
  check.eq('by a token', (await tab('nia').account.createSession('nia', secret)).userId, 'nia');
  const session = await users.createSession('nia');
  const own = new lib.Account(new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setSession(session.secret));
  check.eq('by a session', (await own.get()).$id, 'nia');
  await users.updateStatus('nia', false);
  await check.fails('a blocked user is out', 403, 'user_blocked', () => own.get());
  await users.updateStatus('nia', true);
  await users.delete('nia');
  await check.fails('a deleted one is nobody', 401, 'general_unauthorized_scope', () => own.get());
  check.true('teams are left', (await teams.list()).total >= 1);
});

check.finish();
