import type { Json } from '../../../packages/format/index.ts';
import type { Wire } from './requests.ts';

/** What is sent of a document. */
export function onTheWire(json: Json, wire: Wire): Buffer {
  const text = JSON.stringify(json);
  switch (wire) {
    case 'cut off':
      return Buffer.from(text.slice(0, -1 - (text.length >> 2)));
    case 'twice':
      return Buffer.from(`${text}\n${text}`);
    case 'a member twice':
      return Buffer.from(text.replace(/^\{("[^"]+"):/, '{$1:null,$1:'));
    case 'byte order mark':
      return Buffer.from(`\ufeff${text}`);
    case 'no UTF-8':
      return Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0x22, 0x7d])]);
    case 'deep':
      return Buffer.from(text.replace(/:/, `:${'['.repeat(20_000)}${']'.repeat(20_000)},"x":`));
    case 'a large number':
      return Buffer.from(text.replace(/:"?[^,"{}[\]]+"?/, ':1e99999'));
    case 'empty':
      return Buffer.alloc(0);
    case 'prototype':
      return Buffer.from(text.replace(/^\{/, '{"__proto__":{"roles":["admin"]},'));
    case 'long':
      return Buffer.from(text.replace(/^\{/, `{"x":"${'x'.repeat(70_000)}",`));
    default:
      return Buffer.from(text);
  }
}
