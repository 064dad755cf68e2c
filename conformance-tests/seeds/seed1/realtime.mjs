// Changes of snippets reach whoever may read them, and nobody else: in the protocol of whichever SDK runs here.

import { sleep, until } from '../common/checks.mjs';
import { Visitor } from '../common/user.mjs';
import { DB } from './schema.mjs';

const CHANNEL = `databases.${DB}.collections.snippets.documents`;
const QUIET = 700; // milliseconds in which nothing must come
const SETTLE = 500; // milliseconds for a subscription to stand (the older SDKs do not tell)

export async function realtime(check, cast, { sdk }) {
  for (const [name, part] of Object.entries({ documents, single, filtered, account, files, origins })) {
    await check.section(name, () => part(check, cast, sdk));
  }
  for (const who of [cast.owner, cast.other, cast.guest]) who.close();
}

const kinds = (events) => events.map((event) => event.events[0].split('.').pop());
const seen = (subscription, id) => subscription.events.filter((event) => event.payload.$id === id);

async function documents(check, { owner, other, guest, admin }) {
  const [mine, theirs, open] = await Promise.all([owner, other, guest].map((who) => who.listen([CHANNEL])));
  await sleep(SETTLE);
  await owner.databases.createDocument(DB, 'snippets', 'live', { user_id: owner.id, title: 'Live' }, owner.own('read', 'update', 'delete'));
  check.true('the owner hears of the private snippet', await until(() => seen(mine, 'live').length === 1), mine.events.length);
  const [event] = seen(mine, 'live');
  check.has('with its contents', event?.payload, { $id: 'live', title: 'Live', user_id: 'olivia', $collectionId: 'snippets', $databaseId: DB, $permissions: ['read("user:olivia")', 'update("user:olivia")', 'delete("user:olivia")'] });
  check.eq('the first name is the concrete one', event?.events[0], `databases.${DB}.collections.snippets.documents.live.create`);
  check.true('the names include the wildcards', event?.events.includes('databases.*.collections.*.documents.*.create') && event?.events.includes(`databases.${DB}.collections.snippets.documents.*`), event?.events);
  check.true('the channels include what was asked for', event?.channels.includes(CHANNEL) && event?.channels.includes('documents') && event?.channels.includes(`${CHANNEL}.live`), event?.channels);
  check.true('with the time', /^\d{4}-\d\d-\d\d[T ]/.test(event?.timestamp ?? ''), event?.timestamp);
  await owner.databases.updateDocument(DB, 'snippets', 'live', { title: 'Changed' });
  check.true('updates follow', await until(() => seen(mine, 'live').length === 2));
  check.eq('with the new contents', seen(mine, 'live')[1]?.payload.title, 'Changed');
  await sleep(QUIET);
  check.eq('neither another user nor a guest heard anything', [theirs.events.length, open.events.length], [0, 0]);
  await admin.databases.updateDocument(DB, 'snippets', 'live', { title: 'By key' }, ['read("any")', 'update("user:olivia")', 'delete("user:olivia")', 'read("user:olivia")']);
  for (const [name, subscription] of [['owner', mine], ['other', theirs], ['guest', open]]) {
    check.true(`a public change by the server reaches the ${name}`, await until(() => seen(subscription, 'live').some((e) => e.payload.title === 'By key')));
  }
  await owner.databases.deleteDocument(DB, 'snippets', 'live');
  check.true('the end is told too', await until(() => kinds(seen(mine, 'live')).at(-1) === 'delete'), kinds(mine.events));
  check.eq('in the order it happened, nothing twice', kinds(seen(mine, 'live')), ['create', 'update', 'update', 'delete']);
  await mine.close();
  await sleep(SETTLE);
  const before = mine.events.length;
  await owner.databases.createDocument(DB, 'snippets', 'unheard', { user_id: owner.id, title: 'Unheard' });
  await sleep(QUIET);
  check.eq('after unsubscribing it is quiet', mine.events.length, before);
  await Promise.all([theirs.close(), open.close()]);
}

async function single(check, { owner, other }) {
  await owner.databases.createDocument(DB, 'snippets', 'one', { user_id: owner.id, title: 'One' });
  const one = await owner.listen([`${CHANNEL}.one`]);
  const all = await owner.listen(['documents']);
  await sleep(SETTLE);
  await owner.databases.updateDocument(DB, 'snippets', 'unheard', { title: 'Other document' });
  await owner.databases.updateDocument(DB, 'snippets', 'one', { title: 'This document' });
  await other.databases.createDocument(DB, 'snippets', 'foreign', { user_id: other.id, title: 'Foreign' });
  check.true('a channel of one document', await until(() => one.events.length === 1), one.events.length);
  check.true('the channel of all documents', await until(() => all.events.length === 2), all.events.length);
  await sleep(QUIET);
  check.eq('the one gives that one only', one.events.map((e) => e.payload.$id), ['one']);
  check.eq('all gives the readable ones', all.events.map((e) => e.payload.$id), ['unheard', 'one']);
  await Promise.all([one.close(), all.close()]);
}

async function filtered(check, { owner }) {
  if (owner.version < 24) return;
  const { Query } = owner.lib;
  const rust = await owner.listen([CHANNEL], [Query.equal('language', ['rust'])]);
  const every = await owner.listen([CHANNEL]);
  await sleep(SETTLE);
  for (const language of ['go', 'rust']) {
    await owner.databases.createDocument(DB, 'snippets', `in-${language}`, { user_id: owner.id, title: language, language });
  }
  check.true('a subscription without a query hears both', await until(() => every.events.length === 2), every.events.length);
  await sleep(QUIET);
  check.eq('one with a query hears what matches', rust.events.map((e) => e.payload.$id), ['in-rust']);
  await rust.close();
  await sleep(SETTLE);
  await owner.databases.updateDocument(DB, 'snippets', 'in-rust', { title: 'again' });
  check.true('closing one leaves the other', await until(() => every.events.length === 3), every.events.length);
  check.eq('and ends the one', rust.events.length, 1);
  await every.close();
}

async function account(check, { owner, other }, sdk) {
  const mine = await owner.listen(['account']);
  const theirs = await other.listen(['account']);
  await sleep(SETTLE);
  await owner.account.updateName('Olivia O');
  check.true('a user hears of the own account', await until(() => mine.events.length === 1), mine.events.length);
  check.eq('by its name', [mine.events[0]?.events[0], mine.events[0]?.payload.name], ['users.olivia.update', 'Olivia O']);
  await sleep(QUIET);
  check.eq('and of no other', theirs.events.length, 0);
  await Promise.all([mine.close(), theirs.close()]);
  if (typeof owner.client.setSession !== 'function') return;
  const session = new Visitor(sdk, 'olivia');
  session.client.setSession(owner.secret);
  session.id = owner.id;
  if (session.version < 24) return; // those take the session of a socket from localStorage only
  const live = await session.listen([CHANNEL]);
  await sleep(SETTLE);
  await owner.databases.createDocument(DB, 'snippets', 'by-session', { user_id: owner.id, title: 'Session' });
  check.true('client.setSession opens private events', await until(() => live.events.length === 1), live.events.length);
  await live.close();
  session.close();
}

async function files(check, { owner, other, admin }) {
  const { Permission, Role } = admin.lib;
  await admin.storage.createBucket('attachments', 'Attachments', [Permission.create(Role.users())], true);
  const mine = await owner.listen(['files']);
  const theirs = await other.listen(['buckets.attachments.files']);
  await sleep(SETTLE);
  await owner.storage.createFile('attachments', 'note', owner.file('hello', 'note.txt', 'text/plain'));
  check.true('an upload is told to who may read it', await until(() => mine.events.length === 1), mine.events.length);
  check.eq('by its name', mine.events[0]?.events[0], 'buckets.attachments.files.note.create');
  await owner.storage.deleteFile('attachments', 'note');
  check.true('and its end', await until(() => mine.events.length === 2), mine.events.length);
  await sleep(QUIET);
  check.eq('others hear nothing', theirs.events.length, 0);
  await Promise.all([mine.close(), theirs.close()]);
}

async function origins(check, _cast, sdk) {
  const foreign = new Visitor(sdk, 'foreign', { origin: 'http://evil.example' });
  foreign.listen([CHANNEL]).catch(() => {});
  check.true('a page of an unknown origin tries', await until(() => foreign.tab.opened > 0, 2000));
  check.true('and is shown the door', await until(() => foreign.tab.sockets.size === 0, 4000));
  foreign.close();
}
