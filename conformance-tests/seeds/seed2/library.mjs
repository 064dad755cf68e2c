// What the app itself does: hash, look for a duplicate, upload, describe, and clean up after itself.

import { createHash } from 'node:crypto';
import { DB } from './provision.mjs';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The contents of a module's memory: random-looking but the same for the same seed. */
export function eeprom(seed, size = 512) {
  return Buffer.concat(Array.from({ length: Math.ceil(size / 32) }, (_, i) => createHash('sha256').update(`${seed}-${i}`).digest())).subarray(0, size);
}

/** A visitor's own modules. */
export class Library {
  constructor(visitor) {
    this.visitor = visitor;
    this.Query = visitor.lib.Query;
  }

  /** Saves a module; the same bytes again give the module that is there. */
  async save(name, bytes, vendor = 'Acme') {
    const { visitor, Query } = this;
    const hash = sha256(bytes);
    const { documents } = await visitor.databases.listDocuments(DB, 'user-modules', [Query.equal('sha256', hash), Query.limit(1)]);
    if (documents.length) return { module: documents[0], duplicate: true };
    const own = visitor.own('read', 'update', 'delete');
    const file = await visitor.storage.createFile('user-eeprom', 'unique()', visitor.file(bytes, `${name}.bin`), own);
    const data = { name, vendor, sha256: hash, size: bytes.length, file_id: file.$id };
    const module = await visitor.databases.createDocument(DB, 'user-modules', 'unique()', data, own);
    return { module, duplicate: false };
  }

  /** The module goes, and its file with it. */
  async remove(module) {
    await this.visitor.databases.deleteDocument(DB, 'user-modules', module.$id);
    await this.visitor.storage.deleteFile('user-eeprom', module.file_id);
  }
}

/** Bytes behind an address of the storage service, fetched as this visitor. */
export async function fetchFile(visitor, env, bucket, file, what = 'download') {
  const headers = { 'x-appwrite-project': env.project, origin: 'http://localhost' };
  if (visitor.secret) headers['x-fallback-cookies'] = JSON.stringify({ [`a_session_${env.project}`]: visitor.secret });
  const answer = await fetch(`${env.endpoint}/storage/buckets/${bucket}/files/${file}/${what}`, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, bytes, type: answer.ok ? undefined : JSON.parse(bytes).type };
}
