// Files in all ways that the SDKs have: whole and in chunks, several at once, shown, listed, changed and removed, by a server and by signed-in
// users of a page. files.mjs node-sdk-N web-sdk-M

import crypto from 'node:crypto';
import { Checks, env } from '../seeds/common/checks.mjs';
import { server } from '../seeds/common/server.mjs';
import { Visitor } from '../seeds/common/user.mjs';

const [, , nodeSdk, webSdk] = process.argv;
const check = new Checks();
const node = server(nodeSdk);
const { Query, Permission, Role } = node.lib;
const CHUNK = 5 * 1024 * 1024;
const md5 = (bytes) => crypto.createHash('md5').update(Buffer.from(bytes)).digest('hex');
const ids = async (bucket, queries) => (await node.storage.listFiles(bucket, queries)).files.map((file) => file.$id);

/** What a page gets that shows an address. */
async function shown(url, headers = {}) {
  const answer = await fetch(String(url), { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), kept: answer.headers.get('content-disposition'), bytes: Buffer.from(await answer.arrayBuffer()) };
}

await check.section('a server', async () => {
  await node.storage.createBucket('files', 'Files', [], false, true, undefined, [], undefined, true, false);
  const content = crypto.randomBytes(2 * CHUNK + 4321);
  const progress = [];
  const made = await node.storage.createFile('files', 'big', node.file(content, 'big.bin'), [], (step) => progress.push(step.progress));
  check.has('puts a file in chunks', made, { $id: 'big', name: 'big.bin', sizeOriginal: content.length, chunksTotal: 3, chunksUploaded: 3, signature: md5(content) });
  check.eq('and hears of it', progress.at(-1), 100);
  check.eq('what comes back is what was sent', md5(await node.storage.getFileDownload('files', 'big')), md5(content));
  check.eq('also to be shown', md5(await node.storage.getFileView('files', 'big')), md5(content));
  const exact = crypto.randomBytes(CHUNK);
  check.has('exactly one chunk', await node.storage.createFile('files', 'exact', node.file(exact, 'exact.bin')), { chunksTotal: 1, signature: md5(exact) });
  const taken = () => node.storage.createFile('files', 'exact', node.file(Buffer.from('other'), 'other.txt'));
  await check.fails('an id is given once', 409, 'storage_file_already_exists', taken);
});

await check.section('several at once', async () => {
  const contents = Array.from({ length: 6 }, (_, n) => crypto.randomBytes(n % 2 ? CHUNK + 1000 + n : 1000 + n));
  const made = await Promise.all(contents.map((bytes, n) => node.storage.createFile('files', `p${n}`, node.file(bytes, `p${n}.bin`))));
  check.eq('each is the one that was sent', made.map((file) => file.signature), contents.map(md5));
  const read = await Promise.all(made.map((file) => node.storage.getFileDownload('files', file.$id)));
  check.eq('and is read back', read.map(md5), contents.map(md5));
  const total = (await (await fetch(`${env.endpoint}/storage/buckets/files`, { headers: { 'x-appwrite-project': env.project, 'x-appwrite-key': env.key } })).json()).totalSize;
  check.true('the bucket knows its size', total > 5 * CHUNK, total);
});

await check.section('lists', async () => {
  check.eq('by name', await ids('files', [Query.equal('name', 'p3.bin')]), ['p3']);
  check.eq('by size, in order', await ids('files', [Query.lessThan('sizeOriginal', 2000), Query.orderDesc('sizeOriginal')]), ['p4', 'p2', 'p0']);
  check.eq('by signature', await ids('files', [Query.equal('signature', md5(await node.storage.getFileDownload('files', 'p0')))]), ['p0']);
  const first = await ids('files', [Query.orderAsc('name'), Query.limit(3)]);
  check.eq('a page', first, ['big', 'exact', 'p0']);
  check.eq('the next one', await ids('files', [Query.orderAsc('name'), Query.limit(2), Query.cursorAfter('p0')]), ['p1', 'p2']);
  check.eq('words', (await node.storage.listFiles('files', [], 'exact')).total, 1);
  await check.fails('what cannot be asked', 400, 'general_argument_invalid', () => node.storage.listFiles('files', [Query.equal('secret', 'x')]));
});

await check.section('changes', async () => {
  check.has('a name', await node.storage.updateFile('files', 'p0', 'zero.bin'), { $id: 'p0', name: 'zero.bin', $permissions: [] });
  const open = [Permission.read(Role.any())];
  check.has('permissions', await node.storage.updateFile('files', 'p0', undefined, open), { name: 'zero.bin', $permissions: open });
  check.eq('and gone', [await node.storage.deleteFile('files', 'p0').then(() => true), await ids('files', [Query.equal('name', 'zero.bin')])], [true, []]);
  await check.fails('for good', 404, 'storage_file_not_found', () => node.storage.getFile('files', 'p0'));
});

await check.section('tokens', async () => {
  const Tokens = node.lib.Tokens;
  if (!Tokens) return; // older SDKs have none
  const tokens = new Tokens(node.client);
  const address = `${env.endpoint}/storage/buckets/files/files/p2/view?project=${env.project}`;
  check.eq('nobody reads without', (await shown(address)).status, 401);
  const token = await tokens.createFileToken('files', 'p2');
  const seen = await shown(`${address}&token=${token.secret}`);
  check.eq('whoever has one reads', [seen.status, seen.bytes.length], [200, 1002]);
  check.eq('that file alone', (await shown(`${address.replace('p2', 'p4')}&token=${token.secret}`)).status, 401);
  check.eq('they are listed', (await tokens.list('files', 'p2')).total, 1);
  check.true('they end', (await tokens.update(token.$id, new Date(Date.now() + 60_000).toISOString())).expire);
  await tokens.delete(token.$id);
  check.eq('and go', (await shown(`${address}&token=${token.secret}`)).status, 401);
});

/** A call of what the SDKs do not know. */
async function ours(method, path, body, form = false) {
  const headers = { 'x-appwrite-project': env.project, 'x-appwrite-key': env.key, ...(form ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(env.endpoint + path, { method, headers, body: form ? body : body && JSON.stringify(body) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

await check.section('with documents', async () => {
  await node.databases.create('shop', 'Shop');
  await node.databases.createCollection('shop', 'goods', 'Goods');
  await node.databases.createStringAttribute('shop', 'goods', 'photo', 36, false);
  const goods = '/ferrite/databases/shop/collections/goods/attributes/photo/file';
  check.eq('a column names files', (await ours('PUT', goods, { bucketId: 'files' })).body.status, 'available');
  const transaction = (await ours('POST', '/databases/transactions', {})).body.$id;
  const form = new FormData();
  form.set('fileId', 'photo');
  form.set('transactionId', transaction);
  form.set('file', new File(['a photo'], 'photo.txt'));
  check.eq('a file of a transaction', (await ours('POST', '/storage/buckets/files/files', form, true)).status, 201);
  await check.fails('is not there', 404, 'storage_file_not_found', () => node.storage.getFile('files', 'photo'));
  await ours('POST', '/databases/shop/collections/goods/documents', { documentId: 'cup', data: { photo: 'photo' }, transactionId: transaction });
  await ours('PATCH', `/databases/transactions/${transaction}`, { commit: true });
  check.eq('before both are', [(await node.storage.getFile('files', 'photo')).name, (await node.databases.getDocument('shop', 'goods', 'cup')).photo], ['photo.txt', 'photo']);
  await node.databases.deleteDocument('shop', 'goods', 'cup');
  await check.fails('and both go', 404, 'storage_file_not_found', () => node.storage.getFile('files', 'photo'));
  await ours('PATCH', '/ferrite/storage/buckets/files', { deduplicate: true });
  const twice = await Promise.all(['one', 'two'].map((id) => node.storage.createFile('files', id, node.file(Buffer.from('the same'), `${id}.txt`))));
  check.eq('equal content is one file', twice[0].$id, twice[1].$id);
});

await check.section('a page', async () => {
  await node.storage.createBucket('album', 'Album', [Permission.create(Role.users())], true, true, undefined, ['png', 'bin']);
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => new Visitor(webSdk, name).signUp()));
  const guest = new Visitor(webSdk);
  const content = crypto.randomBytes(CHUNK + 99);
  const steps = [];
  const file = (bytes, name) => new File([bytes], name);
  const ask = { bucketId: 'album', fileId: 'hers', file: file(content, 'hers.bin'), onProgress: (step) => steps.push(step.progress) };
  const { bucketId, fileId, file: hers, onProgress } = ask;
  // By name where the SDK takes names: positions after the permissions have changed.
  const made = await (ada.version < 21 ? ada.storage.createFile(bucketId, fileId, hers, undefined, onProgress) : ada.storage.createFile(ask));
  check.has('puts a file in chunks', made, { $id: 'hers', chunksTotal: 2, chunksUploaded: 2, sizeOriginal: content.length, signature: md5(content) });
  check.eq('hears of it', steps.at(-1), 100);
  check.eq('which is hers', made.$permissions, ['read', 'update', 'delete'].map((right) => `${right}("user:ada")`));
  check.eq('others see nothing', [(await bob.storage.listFiles('album')).total, (await guest.storage.listFiles('album')).total], [0, 0]);
  await check.fails('nor get it', 404, 'storage_file_not_found', () => bob.storage.getFile('album', 'hers'));
  await check.fails('nor change it', 401, 'user_unauthorized', () => bob.storage.updateFile('album', 'hers', 'his.bin'));
  await check.fails('nor remove it', 401, 'user_unauthorized', () => bob.storage.deleteFile('album', 'hers'));
  await check.fails('nor give rights they do not have', 401, 'user_unauthorized', () => bob.storage.createFile('album', 'x', file('x', 'x.bin'), ['read("user:ada")']));
  await check.fails('a guest puts nothing', 401, 'user_unauthorized', () => guest.storage.createFile('album', 'x', file('x', 'x.bin')));
  await check.fails('other kinds are not taken', 400, 'storage_file_type_unsupported', () => ada.storage.createFile('album', 'x', file('x', 'x.exe')));
  await ada.storage.updateFile('album', 'hers', 'shared.bin', ['read("any")', 'update("user:ada")', 'delete("user:ada")']);
  const kept = await shown(guest.storage.getFileDownload('album', 'hers'));
  check.eq('shared by its address', [kept.status, md5(kept.bytes), kept.kept], [200, md5(content), 'attachment; filename="shared.bin"']);
  const part = await shown(guest.storage.getFileView('album', 'hers'), { range: 'bytes=5-9' });
  check.eq('in parts', [part.status, part.bytes.equals(content.subarray(5, 10))], [206, true]);
  const picture = Buffer.from(await new node.lib.Avatars(node.client).getInitials('A B', 90, 60));
  await Promise.all(['a', 'b', 'c'].map((id) => bob.storage.createFile('album', id, file(picture, `${id}.png`), ['read("any")'])));
  const preview = await shown(guest.storage.getFilePreview('album', 'b', 30));
  check.eq('a preview by its address', [preview.status, preview.type, preview.bytes.readUInt32BE(16), preview.bytes.readUInt32BE(20)], [200, 'image/png', 30, 20]);
  check.eq('all that are shared', (await guest.storage.listFiles('album', [bob.lib.Query.orderAsc('name')])).files.map((f) => f.name), ['a.png', 'b.png', 'c.png', 'shared.bin']);
  await ada.storage.deleteFile('album', 'hers');
  check.eq('one less', (await guest.storage.listFiles('album')).total, 3);
});

check.finish();
