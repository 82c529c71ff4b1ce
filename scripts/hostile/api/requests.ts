/** What an adversary with, or without, a session sends: requests that the document allows, and what is made of them. */
import fc from 'fast-check';
import type { Json } from '../../../packages/format/index.ts';
import { type Changes, changedBy, changesSeldom, strange } from '../changes.ts';
import type { ApiDocument, Operation, Schema } from './document.ts';
import { KNOWN, known, knownByName, knownByPattern } from './known.ts';
import { shaped } from './shaped.ts';
import { type Said, said } from './statements.ts';

/** A request that is not made yet: plain data. Ids in it are placeholders, of what the server knows when it is sent. */
export interface Plan {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** Who asks: nobody, one of the people by number, or somebody whose session is none or is no more. */
export type Caller =
  | { readonly session: 'none' | 'signed out' | 'removed' | 'garbled' }
  | { readonly session: 'live'; readonly person: number };

/** What is sent. Statements are signed when they are sent, upon the record as it is then. */
export type Body =
  | { readonly is: 'none' }
  | { readonly is: 'json'; readonly json: Json; readonly wire: Wire }
  | { readonly is: 'statements'; readonly said: Said; readonly after: Changes; readonly wire: Wire }
  | { readonly is: 'sign-in'; readonly person: number; readonly after: Changes }
  | { readonly is: 'bytes'; readonly base64: string };

/** What becomes of a JSON body on its way. */
export const WIRES = [
  ...['as it is', 'cut off', 'twice', 'a member twice', 'byte order mark', 'no UTF-8', 'deep'],
  ...['a large number', 'empty', 'prototype', 'in pieces', 'long'],
] as const;
export type Wire = (typeof WIRES)[number];

const wire: fc.Arbitrary<Wire> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Wire>('as it is') },
  { weight: 1, arbitrary: fc.constantFrom<Wire>(...WIRES) },
);

const caller: fc.Arbitrary<Caller> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.nat(63).map((person): Caller => ({ session: 'live', person })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('none', 'signed out', 'removed', 'garbled')
      .map((session): Caller => ({ session })),
  },
);

/** What costs the server a process, or seconds: asked for as seldom as people do. */
const SELDOM = new Set(
  ['/v1/systems/{system}/check', '/v1/emergencies/{emergency}/prover'].concat(
    ['/v1/accounts/{account}/rotate', '/v1/emergencies/{emergency}/evidence'],
    '/v1/sign-out',
  ),
);
/** Where most of what the server does begins. */
const OFTEN = new Set(['/v1/statements']);

/** Requests to every operation of the document. */
export function plans(document: ApiDocument): fc.Arbitrary<Plan> {
  return fc.oneof(
    ...document.operations.map((one) => ({
      weight: SELDOM.has(one.path) ? 1 : OFTEN.has(one.path) ? 120 : 20,
      arbitrary: plansOf(one),
    })),
  );
}

function plansOf(one: Operation): fc.Arbitrary<Plan> {
  const method = fc.oneof(
    { weight: 20, arbitrary: fc.constant(one.method) },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  );
  return fc
    .record({ method, path: pathOf(one), query: queryOf(one), caller, headers, body: bodyOf(one) })
    .map((made): Plan => ({ operation: `${one.method} ${one.path}`, ...made }));
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** Parts of a path that are no ids. */
const HOSTILE_PARTS = [
  ...['constructor', '__proto__', 'toString', 'hasownproperty', 'null', 'undefined', 'NaN', '-'],
  ...['..', '%2e%2e', '..%2f..%2fkeys%2flog.key', '..%5c..%5ckeys', '%00', '%ff', '%c0%af', '%'],
  ...['%25%32%65', 'a%0d%0aset-cookie:x', '%e2%80%ae', '%F0%9F%92%A5', 'A'.repeat(64), ';', '*'],
  ...['a'.repeat(2000), '0'.repeat(64), 'F'.repeat(64), '%2f', ':account', '{account}', '0', '1e9'],
];
const TILES = ['0/000', '0/x001/000', 'entries/000.p/3', 'entries/000', '0/000.p/300', '9/000'];

function pathOf({ path }: Operation): fc.Arbitrary<string> {
  const parts = path
    .split('/')
    .slice(1)
    .map((part): fc.Arbitrary<string> => {
      const name = /^\{(.*)\}$/.exec(part)?.[1];
      if (name === undefined) return fc.constant(part);
      const own =
        name === 'path' ? fc.constantFrom(...TILES) : (knownByName(name) ?? known(...KNOWN));
      return fc.oneof(
        { weight: 10, arbitrary: own },
        { weight: 1, arbitrary: known(...KNOWN) },
        { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_PARTS) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }).map(encoded) },
      );
    });
  const whole = fc.tuple(...parts).map((all) => `/${all.join('/')}`);
  const bent = fc
    .tuple(whole, fc.constantFrom<(text: string) => string>(...BENT))
    .map(([text, bend]) => bend(text));
  return fc.oneof({ weight: 20, arbitrary: whole }, { weight: 1, arbitrary: bent });
}

const BENT: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => path.replace('v1', '%761'),
  (path) => path.replace('/v1', '/v1/../v1'),
  (path) => path.replace('/v1', '/v1;x=1'),
  (path) => `${path}#fragment`,
  (path) => `${path}%00.json`,
  (path) => `http://elsewhere.example${path}`,
  (path) => `${path}/${'x/'.repeat(500)}`,
  () => '*',
];

function queryOf({ parameters }: Operation): fc.Arbitrary<string> {
  const own = parameters.filter((one) => one.in === 'query');
  const names = [...own.map(({ name }) => name), '__proto__', 'x', 'since'];
  const value = fc.oneof(
    known(...KNOWN),
    fc.constantFrom(...HOSTILE_VALUES),
    fc.string({ unit: 'binary', maxLength: 60 }).map(encoded),
  );
  const pairs = fc
    .array(fc.tuple(fc.constantFrom(...names), value), { minLength: 1, maxLength: 3 })
    .map((all) => `?${all.map((pair) => pair.join('=')).join('&')}`);
  const good = fc
    .tuple(
      ...own.map(({ name, schema }) => {
        const given = knownByName(name) ?? texts(schema);
        return fc.option(given.map((text) => `${name}=${text}`));
      }),
    )
    .map((all) => all.filter((one) => one !== null).join('&'))
    .map((text) => (text === '' ? '' : `?${text}`));
  return own.length > 0
    ? fc.oneof({ weight: 4, arbitrary: good }, { weight: 2, arbitrary: pairs })
    : fc.oneof({ weight: 12, arbitrary: fc.constant('') }, { weight: 1, arbitrary: pairs });
}

const texts = (schema: Schema) =>
  shaped(schema, () => undefined)
    .map(String)
    .map(encoded);

const HOSTILE_VALUES = [
  ...['-1', '1e21', '9007199254740993', '0x10', '1.5', 'NaN', '', '%', '%00', '[]', '%F0%9F%92%A5'],
  ...['true', 'a'.repeat(3000), '../../keys', "'%20or%201=1--", '0', '1', '2', '3', '100000000'],
];

/** Above all none but the usual ones. */
const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Readonly<Record<string, string>>>(
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/octet-stream' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'content-type': 'application/json, text/html' },
      { 'content-type': '' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { 'content-encoding': 'gzip' },
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { 'x-http-method-override': 'DELETE' },
      { 'last-event-id': '99999999999999999999' },
      { 'last-event-id': '-1' },
      { 'last-event-id': '100000000' },
      { 'last-event-id': 'canary' },
      { host: 'elsewhere.example' },
      { 'accept-encoding': 'gzip, br' },
      { accept: 'text/html' },
      { range: 'bytes=0-1' },
      { 'if-none-match': '*' },
      { expect: 'nothing' },
      { cookie: 'token=canary' },
      { 'x-request-id': '../../canary' },
      { origin: 'https://elsewhere.example' },
      { upgrade: 'h2c', connection: 'Upgrade' },
    ),
  },
);

function bodyOf(one: Operation): fc.Arbitrary<Body> {
  const none = fc.constant<Body>({ is: 'none' });
  const anything = strange.map((json): Body => ({ is: 'json', json, wire: 'as it is' }));
  if (one.takesBytes)
    return fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .uint8Array({ maxLength: 4000 })
          .map((bytes): Body => ({ is: 'bytes', base64: Buffer.from(bytes).toString('base64') })),
      },
      none,
      anything,
    );
  const { body } = one;
  if (body === undefined)
    return fc.oneof({ weight: 12, arbitrary: none }, { weight: 1, arbitrary: anything });
  const good = shaped(body, knownByPattern);
  const json = fc.tuple(good, changesSeldom(2), wire).map(
    ([made, after, way]): Body => ({
      is: 'json',
      json: changedBy(made, after),
      wire: way,
    }),
  );
  const others = [
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: anything },
  ];
  if (one.path === '/v1/sign-in')
    return fc.oneof({ weight: 3, arbitrary: json }, { weight: 6, arbitrary: signIn }, ...others);
  if (one.path === '/v1/statements')
    return fc.oneof({ weight: 2, arbitrary: json }, { weight: 24, arbitrary: stated }, ...others);
  return fc.oneof({ weight: 12, arbitrary: json }, ...others);
}

const signIn: fc.Arbitrary<Body> = fc
  .tuple(fc.nat(63), changesSeldom(2))
  .map(([person, after]): Body => ({ is: 'sign-in', person, after }));

const stated: fc.Arbitrary<Body> = fc
  .tuple(said, changesSeldom(6), wire)
  .map(([one, after, way]): Body => ({ is: 'statements', said: one, after, wire: way }));

/** As it may stand in a path or a query; half a character cannot, and becomes what it becomes. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
