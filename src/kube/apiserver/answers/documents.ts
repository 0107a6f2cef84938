/**
 * Answers requests for paths without resources: health, discovery, versions, OpenAPI.
 */
import { Readable } from 'node:stream';
import { aggregatedType, discoveryDocument, paths, serverVersion } from '../discovery.ts';
import { answerForm } from '../negotiation.ts';
import { ApiFailure } from '../../objects/objects.ts';
import { openApi2, openApiDocument, openApiIndex } from '../openapi.ts';
import type { PathRoute } from '../routes.ts';
import type { Store } from '../../store/store.ts';
import { jsonAnswer } from './answer.ts';
import type { ApiRequest, ApiOptions, Answered } from './answer.ts';

const probes = new Set(['healthz', 'livez', 'readyz']);

export async function answerPath(
  route: PathRoute,
  { headers }: ApiRequest,
  { registry, hooks }: ApiOptions,
): Promise<Answered> {
  const { documents = {} } = hooks;
  const own = Object.hasOwn(documents, route.path) ? documents[route.path] : undefined;
  const answered = own
    ? jsonAnswer(own(headers.host ?? ''))
    : ((await probeAt(route, registry.store)) ?? documentAt(route, headers.accept));
  if (!answered) throw new ApiFailure('NotFound', 'the server could not find the requested resource', {});
  if (!['get', 'head'].includes(route.verb))
    throw new ApiFailure(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  return answered;
}

/** The server's health: all checks, or one by its name. A failure names the check but, as in kube-apiserver, not the cause. */
async function probeAt({ path, query }: PathRoute, store: Store): Promise<Answered | undefined> {
  const [, probe = '', name, ...more] = path.split('/');
  if (!probes.has(probe) || more.length > 0) return undefined;
  const checks = new Map<string, () => Promise<boolean>>([['ping', async () => Promise.resolve(true)]]);
  if (store.health) checks.set('etcd', async () => (await store.health?.()) ?? true);
  const asked = name === undefined ? [...checks] : [...checks].filter(([check]) => check === name);
  if (asked.length === 0) return undefined;
  const excluded = new Set(name === undefined ? query.getAll('exclude') : []);
  const results = await Promise.all(
    asked.map(async ([check, isWell]) => ({ check, isWell: excluded.has(check) || (await isWell()) })),
  );
  const isWell = results.every((result) => result.isWell);
  if (isWell && !query.has('verbose')) return { kind: 'text', code: 200, text: 'ok' };
  const unknown = [...excluded].filter((check) => !checks.has(check));
  const lines = [
    ...results.map((result) =>
      excluded.has(result.check)
        ? `[+]${result.check} excluded: ok`
        : result.isWell
          ? `[+]${result.check} ok`
          : `[-]${result.check} failed: reason withheld`,
    ),
    ...(unknown.length === 0
      ? []
      : [
          `warn: some health checks cannot be excluded: no matches for ${unknown.map((check) => JSON.stringify(check)).join(',')}`,
        ]),
  ];
  return {
    kind: 'text',
    code: isWell ? 200 : 500,
    text: [...lines, `${probe} check ${isWell ? 'passed' : 'failed'}`, ''].join('\n'),
  };
}

function documentAt({ path }: PathRoute, accept: string | undefined): Answered | undefined {
  if (path === '/') return { ...jsonAnswer({ paths }), isIndented: true };
  if (path === '/version') return { ...jsonAnswer(serverVersion), isIndented: true };
  if (path === '/openapi/v2')
    return accept?.includes(openApi2.type)
      ? {
          kind: 'stream',
          code: 200,
          contentType: openApi2.contentType,
          body: Readable.from([openApi2.bytes]),
        }
      : jsonAnswer(openApi2.document);
  if (path === '/openapi/v3') return jsonAnswer(openApiIndex());
  const schema = openApiDocument(path);
  if (schema) return jsonAnswer(schema);
  const aggregated = answerForm(accept, ['aggregated']) === 'aggregated';
  const document = discoveryDocument(path, aggregated);
  if (!document) return undefined;
  return aggregated && (path === '/api' || path === '/apis')
    ? { ...jsonAnswer(document), contentType: aggregatedType }
    : jsonAnswer(document);
}
