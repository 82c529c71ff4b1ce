import type { Client, Entry } from 'ldapts';
import { ResultCodeError } from 'ldapts';

/** RFC 4532: whom a connection is bound as. */
const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id that a directory gives to whoever this connection is bound as, and to nobody after them: `objectGUID` of Active
 * Directory, or `entryUUID` (RFC 4530), with what it is before a colon, so that no name that somebody can have is one. It is
 * read by the person's own connection: the machine needs no right of its own.
 * @param name plain: what the bind was made of
 * @param as whom the bind named
 * @returns undefined where the directory has none, or does not show it to them
 * @throws what the connection does
 */
export async function directoryId(
  client: Client,
  name: string,
  as: string,
): Promise<string | undefined> {
  try {
    const root = await entryAt(client, '', [
      ...['defaultNamingContext', 'tokenGroups', 'supportedExtension'],
    ]);
    if (root === undefined) return undefined;
    const base = texts(root.defaultNamingContext)[0];
    const token = buffers(root.tokenGroups);
    if (base !== undefined && token.length > 0)
      return await activeDirectoryId(client, base, token, name, as);
    if (!texts(root.supportedExtension).includes(WHO_AM_I)) return undefined;
    const { value = '' } = await client.exop(WHO_AM_I);
    if (!/^dn:./i.test(value)) return undefined;
    const own = await entryAt(client, value.slice(3), ['entryUUID']);
    const uuid = texts(own?.entryUUID)[0];
    return uuid !== undefined && UUID.test(uuid) ? `entryUUID:${uuid.toLowerCase()}` : undefined;
  } catch (cause) {
    // It answered, and does not show it.
    if (cause instanceof ResultCodeError) return undefined;
    throw cause;
  }
}

/**
 * By name, and by what the connection's own token holds: in a forest the same name may be somebody else's in the domain that
 * is asked, but no token holds another person's SID.
 */
async function activeDirectoryId(
  client: Client,
  base: string,
  token: readonly Buffer[],
  name: string,
  as: string,
): Promise<string | undefined> {
  const { searchEntries } = await client.search(base, {
    scope: 'sub',
    filter: `(&(objectClass=user)(|(sAMAccountName=${name})(userPrincipalName=${escaped(as)})))`,
    attributes: ['objectGUID', 'objectSid'],
    explicitBufferAttributes: ['objectGUID', 'objectSid'],
    sizeLimit: 10,
  });
  const own = searchEntries.filter((entry) =>
    buffers(entry.objectSid).some((sid) => token.some((one) => one.equals(sid))),
  );
  const [guid] = own.length === 1 ? buffers(own[0]?.objectGUID) : [];
  return guid?.length === 16 ? `objectGUID:${guid.toString('hex')}` : undefined;
}

async function entryAt(
  client: Client,
  dn: string,
  attributes: string[],
): Promise<Entry | undefined> {
  const { searchEntries } = await client.search(dn, {
    ...{ scope: 'base', filter: '(objectClass=*)', attributes },
    explicitBufferAttributes: ['tokenGroups'],
  });
  return searchEntries[0];
}

/** For a filter (RFC 4515 section 3). */
function escaped(value: string): string {
  return value.replace(
    /[\\*()\0]/g,
    (one) => `\\${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function values(value: Entry[string] | undefined): readonly (string | Buffer)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function texts(value: Entry[string] | undefined): readonly string[] {
  return values(value).filter((one) => typeof one === 'string');
}

function buffers(value: Entry[string] | undefined): readonly Buffer[] {
  return values(value).filter((one) => Buffer.isBuffer(one));
}
