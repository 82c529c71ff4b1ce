import * as oauth from 'oauth4webapi';
import type { Claims } from './claims.ts';
import { exchange, HeldUp, NotReached } from './exchange.ts';
import type { ProviderAnswer } from './provider.ts';

/** Who is asked for tokens, and as which client. */
export interface ClientSettings {
  /** `https://…`, without a slash at its end where the issuer has none: its document has to say the same. */
  readonly issuer: string;
  readonly clientId: string;
  /** Of a confidential client; undefined is a public one. */
  readonly clientSecret?: string | undefined;
  /** PEM of the authority to trust; undefined trusts what the machine trusts. */
  readonly ca?: string | undefined;
  readonly scope: string;
  /** The authentication context that is asked for. */
  readonly acr?: string | undefined;
}

const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A refusal in the server's own codes (RFC 6749 section 5.2); Microsoft adds numbers. Its words are left out. */
export interface Refused {
  readonly refused: string;
  readonly codes: readonly number[];
}

/** No answer that says anything of a person. */
export interface NoReply {
  readonly none: Extract<ProviderAnswer, { answer: 'unreachable' | 'held-up' | 'fault' }>;
}

/** What a server came up with. */
export type Reply<Wanted> = { readonly got: Wanted } | Refused | NoReply;

/** The fault of tokens that are not about anybody: what was asked was taken. */
export const NO_ID_TOKEN = 'no-id-token';

/** A code for somebody to enter elsewhere (RFC 8628 section 3.2). */
export interface DeviceCode {
  readonly secret: string;
  /** Printable, to be shown. */
  readonly code: string;
  /** `https://…`, printable, to be shown. */
  readonly url: string;
  readonly seconds: number;
  /** Seconds between two questions whether it was entered. */
  readonly interval: number;
}

/** An authorization server that has shown its document. Nothing here throws for what the network or it does. */
export class AuthorizationServer {
  readonly #settings: ClientSettings;
  readonly #metadata: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #auth: oauth.ClientAuth;

  private constructor(settings: ClientSettings, metadata: oauth.AuthorizationServer) {
    this.#settings = settings;
    this.#metadata = metadata;
    this.#client = { client_id: settings.clientId };
    this.#auth = authOf(metadata, settings.clientSecret);
  }

  /**
   * Reads the issuer's own document. Whoever else answers, with 200 or not, is not the provider: it is its certificate and
   * that the document names itself that make it so. @returns undefined where it is not there
   */
  static async discover(
    settings: ClientSettings,
    signal: AbortSignal,
  ): Promise<AuthorizationServer | undefined> {
    const { issuer, ca } = settings;
    try {
      const url = new URL(issuer);
      const answer = await oauth.discoveryRequest(url, { signal, ...over(ca) });
      const metadata = await oauth.processDiscoveryResponse(url, answer);
      return metadata.issuer === issuer ? new AuthorizationServer(settings, metadata) : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Whether the endpoint that decides answers, too: a document is often served by somebody who stands when the rest is
   * down. It is asked without a code, which is refused as no request (RFC 6749 section 5.2), and names nobody.
   */
  async answers(signal: AbortSignal): Promise<boolean> {
    const form = new URLSearchParams();
    try {
      await oauth.genericTokenEndpointRequest(
        ...([this.#metadata, this.#client, this.#auth, DEVICE_CODE_GRANT, form] as const),
        { signal, ...over(this.#settings.ca) },
      );
      return true;
    } catch (cause) {
      return cause instanceof HeldUp;
    }
  }

  /** The resource owner's password for an ID token (RFC 6749 section 4.3). */
  byPassword(login: string, password: Uint8Array, signal: AbortSignal): Promise<Reply<Claims>> {
    const { scope, ca, acr } = this.#settings;
    const form = { username: login, scope, ...(acr === undefined ? {} : { acr_values: acr }) };
    return this.#claims(signal, () =>
      oauth.genericTokenEndpointRequest(
        ...([this.#metadata, this.#client, this.#auth, 'password', form] as const),
        { signal, ...over(ca, password) },
      ),
    );
  }

  async deviceCode(signal: AbortSignal): Promise<Reply<DeviceCode>> {
    const { scope, ca, acr } = this.#settings;
    const form = { scope, ...(acr === undefined ? {} : { acr_values: acr }) };
    const about = [this.#metadata, this.#client] as const;
    try {
      const answer = await oauth.deviceAuthorizationRequest(...about, this.#auth, form, {
        ...{ signal, ...over(ca) },
      });
      const given = await oauth.processDeviceAuthorizationResponse(...about, answer);
      const { protocol, href } = new URL(given.verification_uri);
      // Both reach a terminal.
      if (
        protocol !== 'https:' ||
        href.length > 300 ||
        !/^[\x20-\x7e]{1,64}$/.test(given.user_code)
      )
        return fault('unshowable-code');
      return {
        got: {
          ...{ secret: given.device_code, code: given.user_code, url: href },
          ...{ seconds: given.expires_in, interval: given.interval ?? 5 },
        },
      };
    } catch (cause) {
      return failure(cause);
    }
  }

  /** Asks once whether a code was entered: `authorization_pending` and `slow_down` are refusals, too. */
  byDeviceCode({ secret }: DeviceCode, signal: AbortSignal): Promise<Reply<Claims>> {
    return this.#claims(signal, () =>
      oauth.deviceCodeGrantRequest(this.#metadata, this.#client, this.#auth, secret, {
        ...{ signal, ...over(this.#settings.ca) },
      }),
    );
  }

  /** The claims of an ID token: issuer, audience, time and signature verified (OpenID Connect Core 1.0 section 3.1.3.7). */
  async #claims(signal: AbortSignal, ask: () => Promise<Response>): Promise<Reply<Claims>> {
    try {
      const answer = await ask();
      const tokens = await oauth.processGenericTokenEndpointResponse(
        ...([this.#metadata, this.#client, answer] as const),
      );
      const claims = oauth.getValidatedIdTokenClaims(tokens);
      if (claims === undefined) return fault(NO_ID_TOKEN);
      await oauth.validateApplicationLevelSignature(this.#metadata, answer, {
        ...{ signal, ...over(this.#settings.ca) },
      });
      return { got: claims };
    } catch (cause) {
      return failure(cause);
    }
  }
}

/** How the client shows who it is: in the header (RFC 6749 section 2.3.1), or in the form where a server takes that alone. */
function authOf(
  { token_endpoint_auth_methods_supported: taken }: oauth.AuthorizationServer,
  secret: string | undefined,
): oauth.ClientAuth {
  if (secret === undefined) return oauth.None();
  const isFormAlone =
    taken?.includes('client_secret_post') === true && !taken.includes('client_secret_basic');
  return isFormAlone ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret);
}

/** How the library asks. @param password is added to the form as bytes: it never becomes a text */
function over(ca: string | undefined, password?: Uint8Array) {
  const ask = async (
    url: string,
    { method, headers, body, signal }: oauth.CustomFetchOptions<'GET' | 'POST', unknown>,
  ): Promise<Response> => {
    const form = body instanceof URLSearchParams ? Buffer.from(body.toString()) : undefined;
    const whole =
      form === undefined || password === undefined ? form : withPassword(form, password);
    try {
      return await exchange(url, {
        ...{ method, headers, body: whole, ca },
        signal: signal ?? AbortSignal.timeout(0),
      });
    } finally {
      whole?.fill(0);
    }
  };
  return { [oauth.customFetch]: ask };
}

function withPassword(form: Uint8Array, password: Uint8Array): Uint8Array {
  const field = Buffer.from('&password=');
  const whole = new Uint8Array(form.length + field.length + 3 * password.length);
  whole.set(form);
  whole.set(field, form.length);
  let at = form.length + field.length;
  for (const byte of password) {
    whole.set([0x25, hexDigit(byte >> 4), hexDigit(byte & 15)], at);
    at += 3;
  }
  return whole;
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x41 + value - 10;
}

/** What a code may look like to be kept: nothing else that a server says is. */
const CODE = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

function failure(cause: unknown): Refused | NoReply {
  if (cause instanceof NotReached) return { none: { answer: 'unreachable' } };
  if (cause instanceof HeldUp) return { none: { answer: 'held-up' } };
  // What a token endpoint answers to a client that tried a header in vain (RFC 6749 section 5.2).
  if (cause instanceof oauth.WWWAuthenticateChallengeError) return fault('invalid_client');
  if (!(cause instanceof oauth.ResponseBodyError)) return fault(codeOf(cause));
  const { error_codes: codes } = cause.cause;
  return {
    refused: CODE.test(cause.error) ? cause.error : 'unreadable',
    codes: Array.isArray(codes) ? codes.filter((code) => typeof code === 'number') : [],
  };
}

function codeOf(cause: unknown): string {
  const { code } = Object(cause);
  return typeof code === 'string' && CODE.test(code) ? code : 'unreadable';
}

function fault(what: string): NoReply {
  return { none: { answer: 'fault', what } };
}
