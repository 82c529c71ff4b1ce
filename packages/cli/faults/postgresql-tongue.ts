import { type Tongue, wholeMessages } from './lying-line.ts';

const SETS = 'halligan.set_verifier';
/** As long, and does nothing. */
const DOES_NOTHING = 'concat'.padEnd(SETS.length);
const AUTHENTICATION = 0x52;
const SASL_FINAL = 12;
const READY = 0x5a;

/** PostgreSQL's protocol 3: TLS is asked for first. */
export const postgresqlTongue: Tongue = {
  before: { asked: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]), answered: Buffer.from('S') },
  speak: (lie, account, { toSystem, toAsker }) => {
    let signsIn = false;
    /** Whether the system is being given a password, and what it says of that is not passed on. */
    let turning = false;
    let started = false;
    return {
      asked: wholeMessages(
        (bytes) => (started ? typedSize(bytes) : bareSize(bytes)),
        (message) => {
          if (!started) {
            started = true;
            signsIn = message.includes(`user\0${account}\0`);
          }
          const at = message.indexOf(SETS);
          if (at >= 0 && lie() === 'kept') message.write(DOES_NOTHING, at);
          if (at >= 0 && lie() === 'refused') turning = true;
          toSystem(message);
        },
      ),
      answered: wholeMessages(typedSize, (message) => {
        const isAccepted = message[0] === AUTHENTICATION && message.readInt32BE(5) === SASL_FINAL;
        if (lie() === 'rejected' && signsIn && isAccepted) toAsker(refusal('FATAL', '28P01'));
        else if (turning && message[0] === READY) {
          turning = false;
          toAsker(refusal('ERROR', '22023'));
          toAsker(message);
        } else if (!turning) toAsker(message);
      }),
    };
  },
};

function bareSize(bytes: Buffer): number | undefined {
  return bytes.length < 4 ? undefined : bytes.readInt32BE(0);
}

function typedSize(bytes: Buffer): number | undefined {
  return bytes.length < 5 ? undefined : 1 + bytes.readInt32BE(1);
}

/** ErrorResponse: severity, twice, SQLSTATE and words. */
function refusal(severity: string, state: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${state}\0Mno\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(4 + fields.length, 1);
  return Buffer.concat([head, fields]);
}
