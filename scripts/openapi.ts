/** Writes docs/formats/openapi.json, as a server answers it. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contoso } from '../packages/server/contoso.fixture.ts';
import { startServer } from '../packages/server/index.ts';

const { root, remove } = await contoso();
const server = await startServer(root, console.error);
const document = await (await fetch(new URL('/v1/openapi.json', server.url))).json();
await server.stop();
await remove();
const path = join(import.meta.dirname, '..', 'docs', 'formats', 'openapi.json');
writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
console.log(path);
