import { ATTESTED_DUTIES, type Obligation } from '@halligan/procedure';

/** What each obligation is done by; `ABOUT` stands for what it is about, as commands take it. */
const COMMANDS: Readonly<Record<string, string>> = {
  approve: 'halligan emergency approve ABOUT',
  'take-part': 'halligan emergency take-part ABOUT --role … --together …',
  open: 'halligan emergency open ABOUT',
  release: 'halligan emergency release ABOUT',
  end: 'halligan emergency end ABOUT',
  abort: 'halligan emergency abort ABOUT --reason …',
  'note-baseline': 'halligan emergency baseline --platform …',
  'note-post-change': 'halligan emergency note --about post-change …',
  'notify-approvers': 'halligan emergency notified ABOUT --person … --channel …',
  'sign-off': 'halligan emergency sign-off ABOUT --text …',
  'sign-record': 'halligan emergency sign ABOUT',
  'submit-record': 'halligan emergency submit ABOUT --reference …',
  review: 'halligan emergency review ABOUT --draft …',
  verify: 'halligan emergency exercise ABOUT',
  close: 'halligan emergency close ABOUT',
  rotate: 'halligan account rotate ABOUT',
  drill: 'halligan drill start --account ABOUT …',
  consent: 'halligan policy pending',
  describe: 'halligan account change ABOUT --kind … --sign-in …',
  'second-key': 'halligan account change ABOUT --details keys.json',
  'second-account': 'halligan account add … --system ABOUT',
  training: 'halligan person training ABOUT --course … --done … --expires …',
};

/** The command that does what is due. */
export function commandFor({ what, about }: Pick<Obligation, 'what' | 'about'>): string {
  if (ATTESTED_DUTIES.some((duty) => duty === what))
    return `halligan duty done ${what}${about === 'policy' ? '' : ` ${about}`}`;
  const known = Object.hasOwn(COMMANDS, what) ? COMMANDS[what] : undefined;
  const short = /^[0-9a-f]{64}$/.test(about) ? about.slice(0, 12) : about;
  return (known ?? 'halligan emergency show ABOUT').replace('ABOUT', short);
}
