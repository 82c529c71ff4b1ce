import { pathsOfPeople, type State } from '@halligan/procedure';

/** What people read when the server is gone: generated, so that it names this organisation's people and systems. */
export function runbookOf(state: State, writtenAt: string): string {
  const { roster } = state;
  const organisation = roster?.organisation ?? '';
  const accounts = Object.values(state.accounts).filter((account) => account.current > 0);
  return [
    `# ${organisation}: when the Halligan server is gone`,
    '',
    `Written ${writtenAt}. A newer copy may lie in another place: take the newest, all of you the same.`,
    '',
    '## With Halligan',
    '',
    'Each person on their own machine, with their own key and the same copy of this kit. Between you pass only what',
    '`halligan kit send` prints, by any messenger or memory stick, and the check words, by voice.',
    '',
    '```sh',
    `halligan --org ${organisation} kit open ${organisation}.halligan-kit`,
    'halligan emergency declare --help        # the requester; then kit send, and the others kit receive',
    'halligan emergency approve               # an approver, or an executive who holds a share',
    'halligan emergency take-part --together video    # the second person',
    'halligan emergency open                  # the requester: reads the check words out',
    'halligan emergency release               # each holder: compares them, then releases',
    'halligan emergency reveal                # the requester',
    'halligan emergency note, halligan emergency end',
    'halligan kit merge                       # when the server is back, each of you',
    '```',
    '',
    '## Accounts',
    '',
    ...accounts.flatMap(({ document, current, versions }) => {
      const version = versions[current];
      const system = state.systems[document.system];
      const paths = version === undefined ? [] : pathsOfPeople(version);
      return [
        `### ${document.id}`,
        '',
        `- account: ${oneLine(document.name)} (${oneLine(document.privilege)})`,
        `- system: ${document.system}, ${oneLine(system?.purpose ?? '')}`,
        `- address: ${oneLine(system?.address ?? '')}`,
        `- the provider's support: ${oneLine(system?.support ?? 'none on record')}`,
        `- seal: seals/${document.id}/${current}/`,
        ...(paths.length === 0
          ? ['- no path of people alone: without the server this seal does not open']
          : []),
        ...(version?.header.paths ?? [])
          .filter(({ name }) => paths.includes(name))
          .map(
            ({ name, groups }) =>
              `- opens by “${name}”: ${groups.map((group) => `${group.need} of ${group.name} (${group.holders.join(', ')})`).join(' and ')}`,
          ),
        '',
      ];
    }),
    '## Without Halligan',
    '',
    '`age -d -i KEY KIT > kit.zip`, and unzip it. `seals/ACCOUNT/VERSION/` is the account’s seal. Each holder decrypts',
    'their own share of the path and nobody else’s: `age -d -i KEY shares/PATH/GROUP/PERSON.age | tail -n 1`. Any SLIP-39',
    'tool combines the words to 32 bytes. Spelled in bech32 with the prefix AGE-SECRET-KEY-PQ- (seals to age1pq1…) or',
    'AGE-SECRET-KEY- (seals to age1…), in capitals, they are an age identity: `age -d -i IDENTITY credential.age`.',
    'Write down who did what, with times; all sign it on paper. When the server is back it goes to security.',
    '',
    'Afterwards everything that was revealed is reset.',
    '',
  ].join('\n');
}

/** What an admin typed keeps to its line: it must not become a heading or a command of this page. */
function oneLine(text: string): string {
  return text.replace(/[\s`]+/g, ' ').trim();
}
