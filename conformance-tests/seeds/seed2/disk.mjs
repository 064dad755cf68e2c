// What lies on the disk: nothing readable where encryption is on, compressed where it is asked for, and large files whole again.

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { filesBelow, filesContaining } from '../common/server.mjs';
import { EEPROM_BYTES } from './provision.mjs';
import { fetchFile, sha256 } from './library.mjs';

const CHUNK = 5 * 1024 * 1024;

/** Files on an object store are on no disk that could be looked at. */
const REMOTE = Boolean(process.env.FERRITE_REMOTE_FILES);

export async function disk(check, { admin, alice }, env) {
  if (!REMOTE) {
    await secrecy(check, { admin, alice }, env);
    await compression(check, { admin }, env);
  }
  for (const encryption of [true, false]) await chunks(check, { admin, alice }, env, encryption);
}

/** A marker repeated through a file: to be found on disk without encryption, not with it. */
async function secrecy(check, { admin, alice }, env) {
  for (const size of [100, 65_536, EEPROM_BYTES]) {
    const marker = Buffer.from(`marker-of-${size}-${randomBytes(8).toString('hex')}-`);
    const bytes = Buffer.alloc(size, marker);
    await alice.storage.createFile('user-eeprom', `secret${size}`, alice.file(bytes, `secret${size}.bin`));
    check.eq(`${size} bytes are nowhere on the disk in plain`, filesContaining(env.data, marker.subarray(0, 32)), []);
    check.eq(`${size} bytes come back as they were`, (await fetchFile(alice, env, 'user-eeprom', `secret${size}`)).bytes.equals(bytes), true);
  }
  await admin.storage.createBucket('plain', 'Plain', [], false, true, EEPROM_BYTES, [], 'none', false, false);
  const open = Buffer.from(`open-${randomBytes(16).toString('hex')}`);
  await admin.storage.createFile('plain', 'open', admin.file(open, 'open.bin'));
  check.true('without encryption the bytes are found, so the search works', filesContaining(env.data, open).length > 0);
  const first = Buffer.alloc(4096, 'same');
  for (const id of ['twin1', 'twin2']) await alice.storage.createFile('user-eeprom', id, alice.file(first, `${id}.bin`));
  const blobs = [...filesBelow(env.data)].filter((file) => fs.statSync(file).size >= 4096 && fs.statSync(file).size < 6000).map((file) => fs.readFileSync(file));
  check.true('equal files do not look alike', new Set(blobs.map(sha256)).size === blobs.length && blobs.length >= 2, blobs.length);
}

/** gzip makes a repetitive file small on disk; the size it reports is the stored one. */
async function compression(check, { admin }, env) {
  const bytes = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(200_000, 'compressible ')]);
  const file = await admin.storage.createFile('community-photos', 'dense', admin.file(bytes, 'dense.png'));
  check.eq('the size of the original is kept', file.sizeOriginal, bytes.length);
  const stored = [...filesBelow(env.data)].map((name) => [path.basename(name), fs.statSync(name).size]);
  check.true('no file of that size lies on the disk', !stored.some(([, size]) => size >= bytes.length && size < bytes.length + 4096), stored.length);
  const answer = await fetch(`${env.endpoint}/storage/buckets/community-photos/files/dense/download`, { headers: { 'x-appwrite-project': env.project, 'x-appwrite-key': env.key } });
  check.eq('it comes back as it was', Buffer.from(await answer.arrayBuffer()).equals(bytes), true);
}

/** More than 5 MiB goes up in chunks and comes down identical, whole and in ranges. */
async function chunks(check, { admin, alice }, env, encryption) {
  const { Permission, Role } = admin.lib;
  const bucket = encryption ? 'large-sealed' : 'large-plain';
  await admin.storage.createBucket(bucket, bucket, [Permission.create(Role.users())], true, true, 30_000_000, [], 'none', encryption, false);
  const bytes = randomBytes(2 * CHUNK + 4321);
  const progress = [];
  const told = (step) => progress.push(step.chunksUploaded);
  // The newest SDK has a parameter more before the listener.
  const listener = alice.version >= 28 ? [undefined, told] : [told];
  const file = await alice.storage.createFile(bucket, 'large', alice.file(bytes, 'large.bin'), alice.own('read', 'delete'), ...listener);
  check.has(`${bucket}: all chunks arrived`, file, { chunksTotal: 3, chunksUploaded: 3, sizeOriginal: bytes.length, name: 'large.bin' });
  check.true(`${bucket}: progress was told`, progress.length >= 2, progress.join());
  const down = await fetchFile(alice, env, bucket, 'large');
  check.eq(`${bucket}: byte for byte the same`, [down.bytes.length, sha256(down.bytes)], [bytes.length, sha256(bytes)]);
  const found = filesContaining(env.data, bytes.subarray(CHUNK + 100, CHUNK + 164));
  check.eq(`${bucket}: in plain on the disk`, found.length > 0, !encryption && !REMOTE);
  for (const [from, to] of [[0, 1], [65_535, 65_537], [CHUNK - 1, CHUNK + 1], [bytes.length - 2, bytes.length - 1]]) {
    const headers = { 'x-appwrite-project': env.project, 'x-appwrite-key': env.key, range: `bytes=${from}-${to}` };
    const part = await fetch(`${env.endpoint}/storage/buckets/${bucket}/files/large/download`, { headers });
    const got = Buffer.from(await part.arrayBuffer());
    check.eq(`${bucket}: bytes ${from} to ${to}`, [part.status, part.headers.get('content-range'), got.equals(bytes.subarray(from, to + 1))], [206, `bytes ${from}-${to}/${bytes.length}`, true]);
  }
  await alice.storage.deleteFile(bucket, 'large');
  check.eq(`${bucket}: gone after deletion`, (await fetchFile(alice, env, bucket, 'large')).type, 'storage_file_not_found');
}
