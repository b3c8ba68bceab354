// An app: whose types are those of the API's own document, and nobody else's.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./api.js";

export type Problem = components["schemas"]["ProblemBody"];
export type Batch = components["schemas"]["BatchWire"];
type Tokens = components["schemas"]["TokensAnswer"];
type Answer<Body> = { data?: Body; error?: unknown; response: Response };

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${status} ${problem.code}: ${problem.detail ?? problem.title}`);
  }
}

/** What was answered, or the problem as an error. */
export async function told<Body>(asked: Promise<Answer<Body>>): Promise<Body> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new Refused(response.status, error as Problem);
  return data as Body;
}

/** The problem that a call must end with. */
export async function refused(asked: Promise<Answer<unknown>>): Promise<Refused> {
  try {
    await told(asked);
  } catch (refusal) {
    if (refusal instanceof Refused) return refusal;
    throw refusal;
  }
  throw new Error("That should have been refused.");
}

/** A client that brings the access token of a sign-in once there is one, or one that was made for a script. */
export class App {
  readonly api: Client<paths>;
  private tokens: Tokens | undefined;

  constructor(
    site: string,
    private readonly ownToken?: string,
  ) {
    this.api = createClient<paths>({ baseUrl: site });
    this.api.use({
      onRequest: ({ request }) => {
        const token = this.tokens?.accessToken ?? this.ownToken;
        if (token) request.headers.set("Authorization", `Bearer ${token}`);
        return request;
      },
    });
  }

  async signIn(email: string, codeFor: (email: string) => Promise<string>): Promise<void> {
    const { session } = await told(this.api.POST("/api/v1/auth/login", { body: { email } }));
    const code = await codeFor(email);
    this.tokens = await told(this.api.POST("/api/v1/auth/verify", { body: { email, code, session } }));
  }

  async refresh(): Promise<void> {
    const refreshToken = this.tokens?.refreshToken ?? "";
    this.tokens = await told(this.api.POST("/api/v1/auth/refresh", { body: { refreshToken } }));
  }

  async signOut(): Promise<void> {
    const refreshToken = this.tokens?.refreshToken ?? "";
    await told(this.api.POST("/api/v1/auth/logout", { body: { refreshToken } }));
  }
}
