export { combine } from './combine.ts';
export type { Passphrase } from './passphrase.ts';
export type { Random } from './shamir.ts';
export { kindOfWords, mnemonicOf, parseShare, type Share } from './share.ts';
export { type Group, type Split, split } from './split.ts';
export { type UnknownWord, validateWords, type WordsVerdict } from './validate.ts';
export { wordlist } from './wordlist.ts';
export { wordsOfBits } from './words.ts';
