import { once } from 'node:events';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '@halligan/server';
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';

/** Somebody whom the provider knows. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  /** The code of a second factor; undefined where a password is all that is asked. */
  readonly code?: string;
}

/** A real OpenID provider on loopback, with a password grant and device codes, and whom it knows. */
export interface OpenidServer {
  readonly url: string;
  readonly ca: string;
  readonly accounts: Account[];
  /** Takes it away: nobody listens there. Its memory stays. */
  readonly away: () => Promise<void>;
  /** Lets it listen again where it did. */
  readonly back: () => Promise<void>;
  /** Ends it for good; also where it is away. */
  readonly close: () => Promise<void>;
}

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Of the client `with-secret`; with what a header has to escape. */
export const CLIENT_SECRET = 'a:secret+of %one/client-that-is-long-enough';

/** How a confidential client shows its secret (OpenID Connect Core 1.0 section 9). */
export type ClientAuth = 'client_secret_basic' | 'client_secret_post';

/** Its public client is called `workstations`. @param clientAuth the only way that it takes a secret */
export async function startOpenidServer(
  accounts: Account[],
  clientAuth: ClientAuth = 'client_secret_basic',
): Promise<OpenidServer> {
  const { key, cert } = await makeCertificate('localhost');
  const server = createServer({ key, cert });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `https://localhost:${address.port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'workstations',
        token_endpoint_auth_method: 'none',
        grant_types: ['password', DEVICE_CODE],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: 'with-secret',
        client_secret: CLIENT_SECRET,
        token_endpoint_auth_method: clientAuth,
        grant_types: ['password', DEVICE_CODE],
        redirect_uris: [],
        response_types: [],
      },
    ],
    cookies: { keys: ['of a test'] },
    clientAuthMethods: ['none', clientAuth],
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'amr'], profile: ['preferred_username'] },
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    findAccount: (_, id) => {
      const account = accounts.find((one) => one.id === id);
      return account === undefined
        ? undefined
        : { accountId: id, claims: () => ({ sub: id, preferred_username: account.name }) };
    },
    // The machines are the organisation's own: nobody is asked whether they may.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client?.clientId,
        accountId: session?.accountId,
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  const account = (name: unknown, password: unknown) =>
    accounts.find((one) => one.name === name && one.password === password);
  provider.registerGrantType(
    'password',
    async (ctx: KoaContextWithOIDC) => {
      const { username, password } = ctx.oidc.params ?? {};
      const found = account(username, password);
      if (found === undefined) throw new errors.InvalidGrant('no such account');
      if (found.code !== undefined)
        throw new errors.CustomOIDCProviderError('mfa_required', 'another factor is due');
      const token = new ctx.oidc.provider.IdToken(
        { sub: found.id, preferred_username: found.name },
        { ctx },
      );
      Object.assign(token, { scope: 'openid profile' });
      ctx.body = {
        ...{ access_token: 'of no use', token_type: 'Bearer', expires_in: 60 },
        id_token: await token.issue({ use: 'idtoken' }),
      };
    },
    ['username', 'password', 'scope'],
  );
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    // The library takes a secret in a header, too, from who registered for the form.
    if (clientAuth === 'client_secret_post' && request.headers.authorization !== undefined)
      return response.writeHead(401).end();
    if (request.url?.startsWith('/sign-in/') !== true) return callback(request, response);
    const form = new URLSearchParams(await text(request));
    const found = account(form.get('name'), form.get('password'));
    if (found === undefined || found.code !== (form.get('code') ?? undefined))
      return response.writeHead(403).end('no');
    await provider.interactionFinished(
      request,
      response,
      {
        login: {
          accountId: found.id,
          amr: found.code === undefined ? ['pwd'] : ['pwd', 'otp'],
        },
      },
      { mergeWithLastSubmission: false },
    );
  });
  const away = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return {
    ...{ url, ca: cert, accounts, away },
    back: async () => {
      server.listen(address.port, '127.0.0.1');
      await once(server, 'listening');
    },
    close: async () => {
      if (server.listening) await away();
    },
  };
}
