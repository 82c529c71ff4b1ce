export { putSha256, sha256, sha512 } from '#sha2';
export { canonicalBytes, canonicalText, digestOf, type Json, parseCanonical } from './canonical.ts';
export {
  type ContainerType,
  type OpenedContainer,
  openContainer,
  packContainer,
} from './container.ts';
export { base64, concat, fromBase64, fromHex, hex, sameBytes, utf8, utf8Text } from './encoding.ts';
export { HalliganError } from './error.ts';
export { foreignCharacters, hiddenCharacter, visible } from './hidden-characters.ts';
export { ID } from './id.ts';
export { type ContainerLimits, type Files, readContainer, writeContainer } from './zip.ts';
