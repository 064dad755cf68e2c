// The server side of the programs: the Node SDK with the project's key, in any of the versions used here.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { env, sleep } from './checks.mjs';

const require = createRequire(import.meta.url);

/** Services of one version of the Node SDK. Parameters are given by position, which all versions take. */
export function server(sdk) {
  const lib = require(sdk);
  const client = new lib.Client().setEndpoint(env.endpoint).setProject(env.project).setKey(env.key);
  return {
    lib,
    client,
    databases: new lib.Databases(client),
    storage: new lib.Storage(client),
    users: new lib.Users(client),
    teams: new lib.Teams(client),
    /** A file for createFile, made from bytes. */
    file: (bytes, name) => inputFile(sdk, lib).fromBuffer(bytes, name),
  };
}

function inputFile(sdk, lib) {
  return lib.InputFile ?? require(`${sdk}/file`).InputFile;
}

/** Waits until all attributes and indexes of a collection are available. */
export async function ready(databases, database, collection) {
  for (let round = 0; round < 300; round += 1) {
    const { attributes } = await databases.listAttributes(database, collection);
    const { indexes } = await databases.listIndexes(database, collection);
    const states = [...attributes, ...indexes].map((item) => item.status);
    if (states.includes('failed')) throw new Error(`${collection}: ${JSON.stringify([...attributes, ...indexes])}`);
    if (states.every((state) => state === 'available')) return;
    await sleep(50);
  }
  throw new Error(`${collection} did not become available`);
}

/** All files below a folder with their contents. */
export function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(full);
    else if (entry.isFile()) yield full;
  }
}

/** Names of the files below a folder that contain these bytes. */
export function filesContaining(folder, marker) {
  const found = [];
  for (const file of filesBelow(folder)) {
    try {
      if (fs.readFileSync(file).includes(marker)) found.push(path.relative(folder, file));
    } catch (error) {
      if (error.code !== 'ENOENT') throw error; // files come and go while the server works
    }
  }
  return found;
}
