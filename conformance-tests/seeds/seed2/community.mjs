// "Community Module Access" of the checklist.

import { DB, communityRules } from './provision.mjs';
import { eeprom, sha256 } from './library.mjs';
import { Visitor } from '../common/user.mjs';

const C = 'community-modules';

export async function community(check, { admin, alice, tester, boss, guest }) {
  const { Permission, Role } = admin.lib;
  const onDocument = communityRules(admin.lib).filter((rule) => !rule.startsWith('create'));
  const data = (name) => ({ name, vendor: 'Acme', sha256: sha256(eeprom(name)) });
  await admin.databases.createDocument(DB, C, 'first', data('first'), onDocument);
  for (const who of [guest, alice]) {
    await check.fails(`${who.name} does not read`, 404, 'document_not_found', () => who.databases.getDocument(DB, C, 'first'));
    check.eq(`${who.name} lists nothing`, (await who.databases.listDocuments(DB, C)).total, 0);
    await check.fails(`${who.name} does not submit`, 401, 'user_unauthorized', () => who.databases.createDocument(DB, C, 'unique()', data('x'), []));
  }
  check.has('an alpha tester reads', await tester.databases.getDocument(DB, C, 'first'), { name: 'first' });
  check.eq('and lists', (await tester.databases.listDocuments(DB, C)).documents.map((d) => d.$id), ['first']);
  const submitted = await tester.databases.createDocument(DB, C, 'second', data('second'), [Permission.read(Role.label('alpha'))]);
  check.eq('and submits, naming the label held', submitted.$permissions, ['read("label:alpha")']);
  const foreign = () => tester.databases.createDocument(DB, C, 'unique()', data('third'), onDocument);
  await check.fails('a label not held cannot be named', 401, 'user_unauthorized', foreign,
    'Permissions must be one of: (any, users, user:tester, user:tester/unverified, users/unverified, label:alpha)');
  await check.fails('a tester does not edit', 401, 'user_unauthorized', () => tester.databases.updateDocument(DB, C, 'first', { name: 'edited' }));
  await check.fails('nor delete, not even the own submission', 401, 'user_unauthorized', () => tester.databases.deleteDocument(DB, C, 'second'));
  check.has('an administrator edits', await boss.databases.updateDocument(DB, C, 'first', { name: 'edited' }), { name: 'edited' });
  await boss.databases.deleteDocument(DB, C, 'second');
  await check.fails('and deletes', 404, 'document_not_found', () => boss.databases.getDocument(DB, C, 'second'));
  await labels(check, { admin, tester });
}

/** Labels come and go at once, with the sessions that are open. */
async function labels(check, { admin, tester }) {
  const late = await new Visitor(tester.sdk, 'late').signUp();
  check.eq('before the label nothing is seen', (await late.databases.listDocuments(DB, C)).total, 0);
  await admin.users.updateLabels('late', ['alpha']);
  check.eq('the label counts at once', (await late.databases.listDocuments(DB, C)).total, 1);
  await admin.users.updateLabels('late', []);
  check.eq('and ends at once', (await late.databases.listDocuments(DB, C)).total, 0);
}
