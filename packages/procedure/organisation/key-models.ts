/**
 * Makers and models of FIDO2 keys by AAGUID, as the makers publish them. A small table of what organisations buy for
 * emergency accounts; what is not in it is named in the inventory by `model`.
 */
const MODELS: Readonly<Record<string, string>> = {
  'ee882879-721c-4913-9775-3dfcce97072a': 'Yubico YubiKey 5 Series',
  'cb69481e-8ff7-4039-93ec-0a2729a154a8': 'Yubico YubiKey 5 Series',
  '2fc0579f-8113-47ea-b116-bb5a8db9202a': 'Yubico YubiKey 5 Series with NFC',
  'fa2b99dc-9e39-4257-8f92-4a30d23c4118': 'Yubico YubiKey 5 Series with NFC',
  'c5ef55ff-ad9a-4b9f-b580-adebafe026d0': 'Yubico YubiKey 5Ci',
  'd8522d9f-575b-4866-88a9-ba99fa02f35b': 'Yubico YubiKey Bio Series',
  'b92c3f9a-c014-4056-887f-140a2501163b': 'Yubico Security Key',
  '149a2021-8ef6-4133-96b8-81f8d5b7f1f5': 'Yubico Security Key with NFC',
  '833b721a-ff5f-4d00-bb2e-bdda3ec01e29': 'Feitian ePass FIDO2',
  '77010bd7-212a-4fc9-b236-d2ca5e9d4084': 'Feitian BioPass FIDO2',
  'ab32f0c6-2239-afbb-c470-d2ef4e254db7': 'Token2 FIDO2 security key',
};

/** Maker and model of a key, as far as its AAGUID or the inventory says. */
export function modelOfKey(key: {
  readonly aaguid?: string;
  readonly model?: string;
}): string | undefined {
  const { aaguid, model } = key;
  return (aaguid === undefined ? undefined : MODELS[aaguid.toLowerCase()]) ?? model;
}
