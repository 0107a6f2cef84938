/**
 * Implements impersonation: the Impersonate-* headers apply if the real user may impersonate everything that they name,
 * and are refused otherwise. They are never ignored: invalid ones are a 400. `authentication.ts` determines the real
 * user.
 */
import { defined } from '../../core/defined.ts';
import type { Attributes, Authorize, User } from '../apiserver/attributes.ts';
import { wellKnown } from './authentication.ts';
import { quoted } from '../objects/go/quoted.ts';
import { forbidden } from '../authz/forbidden.ts';
import { extraOf } from '../apiserver/headers.ts';
import type { RequestHeaders } from '../apiserver/headers.ts';
import { ApiFailure } from '../objects/objects.ts';

const prefix = 'impersonate-';
const extraPrefix = 'impersonate-extra-';
const known = new Set(['impersonate-user', 'impersonate-group', 'impersonate-uid']);

/** Each check walks through the rules; an honest request has few. */
const mostQuestions = 1_000;

/**
 * The effective user: the real one if no impersonation is requested.
 * @throws ApiFailure 403 for what the real user may not impersonate, 400 for headers that do not make a user.
 */
export async function impersonate(user: User, headers: RequestHeaders, authorize: Authorize): Promise<User> {
  const asked = [...headers.keys()].filter((name) => name.startsWith(prefix));
  if (asked.length === 0) return user;
  const wanted = wantedUser(asked, headers);
  const questions = questionsFor(user, wanted);
  if (questions.length > mostQuestions)
    throw new ApiFailure('BadRequest', `more than ${mostQuestions} things to impersonate`);
  for (const question of questions) {
    const { allowed, reason } = await authorize(question);
    if (!allowed) throw forbidden(question, reason);
  }
  return completed(wanted);
}

function wantedUser(asked: readonly string[], headers: RequestHeaders): User {
  const unknown = asked.find((name) => !known.has(name) && !name.startsWith(extraPrefix));
  if (unknown !== undefined)
    throw new ApiFailure('BadRequest', `unknown impersonation header ${quoted(unknown)}`);
  const [name = '', ...more] = headers.get('impersonate-user') ?? [];
  const [uid = '', ...moreUids] = headers.get('impersonate-uid') ?? [];
  if (name === '')
    throw new ApiFailure(
      'BadRequest',
      `requested ${asked.map(quoted).join(', ')} without impersonating a user`,
    );
  if (more.length > 0 || moreUids.length > 0)
    throw new ApiFailure('BadRequest', 'requested to impersonate several users');
  const extra = extraOf(headers, extraPrefix);
  return {
    name,
    ...defined({ uid: uid || undefined }),
    groups: headers.get('impersonate-group') ?? [],
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

const accountForm = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** The rights that the real user needs, one after the other. */
function questionsFor(user: User, wanted: User): Attributes[] {
  const question = (
    group: string,
    resource: string,
    name: string,
    more: { readonly namespace?: string; readonly subresource?: string } = {},
  ): Attributes => ({
    user,
    verb: 'impersonate',
    group,
    version: 'v1',
    resource,
    name,
    ...more,
  });
  const authentication = 'authentication.k8s.io';
  const [, namespace, account] = accountForm.exec(wanted.name) ?? [];
  return [
    namespace !== undefined && account !== undefined
      ? question('', 'serviceaccounts', account, { namespace })
      : question('', 'users', wanted.name),
    ...wanted.groups.map((group) => question('', 'groups', group)),
    ...Object.entries(wanted.extra ?? {}).flatMap(([subresource, values]) =>
      values.map((value) => question(authentication, 'userextras', value, { subresource })),
    ),
    ...(wanted.uid === undefined ? [] : [question(authentication, 'uids', wanted.uid)]),
  ];
}

/** A service account's own groups if none were given, and whether the user counts as authenticated. */
function completed(wanted: User): User {
  const [, namespace] = accountForm.exec(wanted.name) ?? [];
  const groups =
    wanted.groups.length === 0 && namespace !== undefined
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : wanted.groups;
  const isAnonymous = wanted.name === wellKnown.anonymous;
  const settled: readonly string[] = isAnonymous
    ? [wellKnown.unauthenticated]
    : [wellKnown.authenticated, wellKnown.unauthenticated];
  if (groups.some((group) => settled.includes(group))) return { ...wanted, groups };
  return {
    ...wanted,
    groups: [...groups, isAnonymous ? wellKnown.unauthenticated : wellKnown.authenticated],
  };
}
