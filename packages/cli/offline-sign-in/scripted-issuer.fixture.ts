import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { makeCertificate, type TlsPair } from '@halligan/server';

/** What an endpoint says: JSON with 200, unless it says otherwise. */
export interface Said {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly location?: string;
}

/** An issuer on loopback that says what it is told to, and signs what it is given. */
export interface ScriptedIssuer {
  readonly url: string;
  readonly ca: string;
  /** What endpoints say, by path; `*` for those that are not here. A list is said one after the other, its last again. */
  readonly says: Record<string, Said | readonly Said[]>;
  /** What was asked, in order: a path, and the form that came with it. */
  readonly asked: (readonly [path: string, form: Record<string, string>])[];
  /** An ID token, signed by its key, of a client called `workstations`; `more` overrides. */
  readonly idToken: (more: Record<string, unknown>) => string;
  /** Tokens with that ID token in them. */
  readonly tokens: (more: Record<string, unknown>) => Said;
  readonly close: () => Promise<void>;
}

/** @param below a path that the issuer's address ends in: `/tenant/v2.0` */
export async function scriptedIssuer(below = '', pair?: TlsPair): Promise<ScriptedIssuer> {
  const { key, cert } = pair ?? (await makeCertificate('localhost'));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const says: Record<string, Said | readonly Said[]> = {};
  const asked: (readonly [string, Record<string, string>])[] = [];
  const server = createServer({ key, cert }, async (request, response) => {
    const path = (request.url ?? '').replace(below, '');
    asked.push([path, Object.fromEntries(new URLSearchParams(await text(request)))]);
    const script = says[path] ?? says['*'] ?? { status: 404 };
    const at = asked.filter(([other]) => other === path).length - 1;
    const said: Said = isList(script) ? (script[Math.min(at, script.length - 1)] ?? {}) : script;
    response.writeHead(said.status ?? 200, {
      'content-type': said.text === undefined ? 'application/json' : 'text/html',
      ...(said.location === undefined ? {} : { location: said.location }),
    });
    response.end(said.text ?? JSON.stringify(said.json ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `https://localhost:${address.port}${below}`;
  const idToken = (more: Record<string, unknown>) => {
    const now = Math.floor(Date.now() / 1000);
    const about = { iss: url, aud: 'workstations', iat: now, exp: now + 300, ...more };
    const signed = [{ alg: 'ES256', kid: 'a' }, about]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), {
      ...{ key: privateKey, dsaEncoding: 'ieee-p1363' },
    });
    return `${signed}.${signature.toString('base64url')}`;
  };
  const endpoint = (path: string) => `${url}${path}`;
  says['/.well-known/openid-configuration'] = {
    json: {
      issuer: url,
      token_endpoint: endpoint('/token'),
      device_authorization_endpoint: endpoint('/device'),
      jwks_uri: endpoint('/keys'),
      id_token_signing_alg_values_supported: ['ES256'],
    },
  };
  says['/keys'] = {
    json: {
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a', alg: 'ES256', use: 'sig' }],
    },
  };
  says['/device'] = {
    json: {
      ...{ device_code: 'the-device-code', user_code: 'ABCD-EFGH', interval: 0.01 },
      ...{ verification_uri: 'https://issuer.example/device', expires_in: 900 },
    },
  };
  return {
    ...{ url, ca: cert, says, asked, idToken },
    tokens: (more) => {
      return {
        json: { access_token: 'unused', token_type: 'Bearer', id_token: idToken(more) },
      };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function isList(script: Said | readonly Said[]): script is readonly Said[] {
  return Array.isArray(script);
}
