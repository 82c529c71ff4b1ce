#!/usr/bin/env node
/**
 * Stands in for Bitwarden's command-line client (`bw serve`, 2026.9) as its own source has it: its answers, its messages,
 * its exit codes. What its server holds, and what went wrong there, is in `server.json` of its data folder; what it was
 * called with is written to `called.json`. Not the real client: that one is driven, as far as it goes, in `vault.interop.ts`.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';

interface Item {
  readonly id: string;
  readonly name: string;
  readonly collectionIds: readonly string[];
  readonly revisionDate: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

export interface BitwardenServer {
  readonly password: string;
  readonly loggedIn: boolean;
  readonly collections: readonly {
    readonly id: string;
    readonly name: string;
    readonly organizationId: string;
  }[];
  readonly items: readonly Item[];
  readonly readOnly: boolean;
  readonly down: boolean;
  /** By title: put into the server in place of that item when it is about to be edited. */
  readonly meanwhile: Readonly<Record<string, string>>;
  /** Said in place of the answer to a path that begins so; status 0 says nothing. */
  readonly instead: Readonly<Record<string, { readonly status: number; readonly body: string }>>;
}

const folder = process.env.BITWARDENCLI_APPDATA_DIR ?? '';
const file = join(folder, 'server.json');
const server = (): BitwardenServer => JSON.parse(readFileSync(file, 'utf8'));
const keep = (state: BitwardenServer) => writeFileSync(file, JSON.stringify(state));

const session = randomUUID();
let unlocked = false;
/** What the client has of its server since the last sync. */
let copy: BitwardenServer | undefined;

const good = (data?: unknown) => [200, { success: true, data }] as const;
const bad = (message: string) => [400, { success: false, message }] as const;
const list = (data: readonly unknown[]) => good({ object: 'list', data });

async function answer(request: IncomingMessage): Promise<readonly [number, unknown]> {
  if (request.headers.host !== 'localhost:8087' || request.headers.origin !== undefined)
    return [403, undefined];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const body = text === '' ? {} : Object(JSON.parse(text));
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = `${request.method} ${url.pathname}`;
  const state = server();
  if (path === 'GET /status')
    return good({
      object: 'template',
      template: {
        serverUrl: null,
        lastSync: null,
        userEmail: 'halligan@example.org',
        status: state.loggedIn ? (unlocked ? 'unlocked' : 'locked') : 'unauthenticated',
      },
    });
  if (path === 'POST /unlock') {
    if (body.password !== state.password) return bad('Invalid master password.');
    unlocked = true;
    copy ??= state;
    return good({ object: 'message', title: 'Your vault is now unlocked!', raw: session });
  }
  if (path === 'POST /sync') {
    if (state.down) return bad('Syncing failed: fetch failed');
    copy = state;
    return good({ object: 'message', title: 'Syncing complete.', message: null });
  }
  if (path === 'POST /lock') {
    unlocked = false;
    return good({ object: 'message', title: 'Your vault is locked.', message: null });
  }
  if (!unlocked || copy === undefined) return bad('Vault is locked.');
  if (path === 'GET /list/object/collections')
    return list(copy.collections.map((one) => ({ object: 'collection', ...one })));
  if (path === 'GET /list/object/items') {
    const wanted = url.searchParams.get('collectionid');
    return list(copy.items.filter((one) => wanted === null || one.collectionIds.includes(wanted)));
  }
  const [, , , id = ''] = url.pathname.split('/');
  const known = copy.items.find((one) => one.id === id);
  if (request.method === 'GET')
    return known === undefined ? bad('Not found.') : good({ object: 'item', ...known });
  if (request.method === 'PUT' && known === undefined) return bad('Not found.');
  if (state.readOnly) return bad('You do not have permission to edit this item');
  const now = new Date(Date.now() + state.items.length * 1000).toISOString();
  if (path === 'POST /object/item') {
    const item: Item = { ...body, id: randomUUID(), revisionDate: now };
    keep({ ...state, items: [...state.items, item] });
    return good({ object: 'item', ...item });
  }
  const meanwhile = state.meanwhile[known?.name ?? ''];
  if (meanwhile !== undefined) {
    const theirs = state.items.map((one) =>
      one.id === id
        ? { ...one, revisionDate: now, fields: [{ name: 'entry 1', value: meanwhile, type: 0 }] }
        : one,
    );
    keep({ ...state, items: theirs, meanwhile: {} });
    return bad(
      'The cipher you are updating is out of date. Please save your work, sync your vault, and try again.',
    );
  }
  const item: Item = { ...body, id, revisionDate: now };
  keep({ ...state, items: state.items.map((one) => (one.id === id ? item : one)) });
  return good({ object: 'item', ...item });
}

/** Run as a program, and not read for its types. */
if (import.meta.main) {
  writeFileSync(
    join(folder, 'called.json'),
    JSON.stringify({ argv: process.argv.slice(2), environment: process.env }),
  );
  if (!server().loggedIn) {
    process.stderr.write('You are not logged in.');
    process.exit(1);
  }
  const http = createServer((request, response) => {
    const { instead } = server();
    const path = request.url ?? '';
    const other = Object.entries(instead).find(([begins]) => path.startsWith(begins))?.[1];
    if (other !== undefined) {
      if (other.status > 0) response.writeHead(other.status).end(other.body);
      return;
    }
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  http.keepAliveTimeout = 0;
  const served = process.argv.find((one) => one.startsWith('fd+connected://'));
  const fd = Number(served?.slice('fd+connected://'.length));
  http.emit('connection', new Socket({ fd, readable: true, writable: true }));
}
