/**
 * Looks up the objects that a service account token depends on: the token is invalid once the account, or the pod or
 * node that it is bound to, is gone. A new object with the same name does not count (its uid differs). Checked in the
 * store at each request, since a token itself cannot be revoked.
 */
import { safeText } from '../../i18n/safe.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { textAt } from '../objects/json.ts';
import { storeKey } from '../apiserver/resources.ts';
import type { BoundObject } from './service-account-tokens.ts';
import type { Store } from '../store/store.ts';

const kinds: Readonly<Record<BoundObject['resource'], Localized>> = {
  serviceaccounts: { en: 'the service account', ko: '서비스 어카운트' },
  pods: { en: 'the pod', ko: '파드' },
  secrets: { en: 'the secret', ko: '시크릿' },
  nodes: { en: 'the node', ko: '노드' },
};

/** The missing object, in words; undefined if all exist. */
export async function goneObject(
  store: Pick<Store, 'get'>,
  objects: readonly BoundObject[],
): Promise<Localized | undefined> {
  for (const { resource, namespace, name, uid, token } of objects) {
    const stored = await store.get(
      storeKey({ group: '', plural: resource, namespaced: namespace !== undefined }, namespace, name),
    );
    const isHeld =
      token === undefined ||
      Buffer.from(textAt(stored?.object, 'data', 'token'), 'base64').toString() === token;
    if (stored && (uid === undefined || stored.object.metadata.uid === uid) && isHeld) continue;
    const shown = safeText(namespace === undefined ? name : `${namespace}/${name}`);
    const { en, ko } = kinds[resource];
    if (!stored)
      return {
        en: `${en} ${shown} of the token has been deleted`,
        ko: `토큰의 ${ko} ${josa(shown, '이/가')} 삭제되었습니다`,
      };
    if (!isHeld)
      return {
        en: `${en} ${shown} no longer holds this token`,
        ko: `${ko} ${shown}에 이 토큰이 더는 없습니다`,
      };
    return {
      en: `${en} ${shown} of the token has been replaced (its uid differs)`,
      ko: `토큰의 ${ko} ${josa(shown, '은/는')} 이름만 같고 지금은 다른 객체입니다(uid가 다름)`,
    };
  }
  return undefined;
}
