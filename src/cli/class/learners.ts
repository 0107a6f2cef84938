/**
 * Reads the list of a class: one name on a line, `#` begins a comment. A name becomes part of a namespace
 * (`wirelab-anna`), and so is a label of RFC 1123.
 */
import { clip } from '../../i18n/clip.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';

export const namespacePrefix = 'wirelab-';

/** Of a namespace 63 characters (RFC 1123 section 2.1). */
const longest = 63 - namespacePrefix.length;
/** Characters of a wrong line that the error quotes: it may be a file of another kind. */
const mostQuoted = 80;
const isLabel = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

const isLearner = (name: string): boolean => name.length <= longest && isLabel.test(name);

const nameRule = {
  en: `small letters a to z, digits and hyphens, no hyphen at its ends, at most ${longest} characters`,
  ko: `영문 소문자와 숫자, 하이픈만 쓰고 처음과 끝은 하이픈이 아니며 ${longest}자 이하`,
};

/** A name that is given by itself. @throws UserError for one that no list may have */
export function checkLearner(name: string, where: string): string {
  if (isLearner(name)) return name;
  throw new UserError({
    what: { en: 'this is not a learner’s name', ko: '수강생 이름으로 쓸 수 없습니다' },
    where,
    expected: nameRule,
    received: clip(name, mostQuoted),
  });
}

/**
 * The names in their order.
 * @throws UserError with every line that is wrong, or where there is no name.
 */
export function readLearners(text: string, file: string): readonly string[] {
  const lines = new Map<string, number>();
  const faults: UserErrorFacts[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const name = line.replace(/(?:^|\s)#.*$/, '').trim();
    if (name === '') continue;
    const where = `${file}:${index + 1}`;
    const before = lines.get(name);
    if (before !== undefined)
      faults.push({
        what: { en: 'this learner is in the list twice', ko: '같은 수강생이 목록에 두 번 있습니다' },
        where,
        expected: {
          en: `a name of its own; line ${before} has this one`,
          ko: `서로 다른 이름. ${before}번째 줄에 같은 이름이 있습니다`,
        },
        received: name,
      });
    else if (!isLearner(name))
      faults.push({
        what: { en: 'this name makes no namespace', ko: '네임스페이스로 쓸 수 없는 이름입니다' },
        where,
        expected: {
          en: `one name on a line: ${nameRule.en}`,
          ko: `한 줄에 이름 하나. ${nameRule.ko}`,
        },
        received: clip(name, mostQuoted),
      });
    else lines.set(name, index + 1);
  }
  const [first, ...others] = faults;
  if (first) throw new UserError(others.length === 0 ? first : { ...first, others });
  if (lines.size === 0)
    throw new UserError({
      what: { en: 'this list has no learner', ko: '목록에 수강생이 없습니다' },
      where: file,
      expected: { en: 'a name on each line', ko: '한 줄에 이름 하나씩' },
    });
  return [...lines.keys()];
}
