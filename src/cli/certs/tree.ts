/** Draws a chain as a tree: each certificate below its issuer, with how the two were matched. */
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import type { LineageNode } from '../../pki/x509/issuer-tree.ts';
import type { LineOf } from '../../ui/json/line.ts';
import { visible } from '../../pki/x509/name-lint.ts';

export interface TreeLine {
  /** Branches, drawn with box characters. */
  readonly branch: string;
  readonly text: Localized;
}

/** @param numbers the numbers under which the report lists the certificates. */
export function treeLines(trees: readonly LineageNode[], numbers: readonly number[]): TreeLine[] {
  return trees.flatMap((tree) => {
    if (tree.top === 'self_issued' || tree.top === undefined) return nodeLines(tree, numbers, '', '');
    const issuer = visible(tree.certificate.issuer.text);
    return [
      { branch: '', text: { en: `${issuer} (not included)`, ko: `${issuer} (여기에 없음)` } },
      ...nodeLines(tree, numbers, '└─ ', '   '),
    ];
  });
}

function nodeLines(node: LineageNode, numbers: readonly number[], own: string, below: string): TreeLine[] {
  const subject = visible(node.certificate.subject.text) || '(empty)';
  const tie = tieOf(node);
  const number = numbers[node.index] ?? 0;
  return [
    { branch: own, text: { en: `[${number}] ${subject}${tie.en}`, ko: `[${number}] ${subject}${tie.ko}` } },
    ...node.children.flatMap((child, index) => {
      const isLast = index === node.children.length - 1;
      return nodeLines(
        child,
        numbers,
        `${below}${isLast ? '└─ ' : '├─ '}`,
        `${below}${isLast ? '   ' : '│  '}`,
      );
    }),
  ];
}

function tieOf({ link, top }: LineageNode): Localized {
  if (top === 'self_issued') return { en: ' (self-signed)', ko: ' (자체 서명)' };
  if (!link) return { en: '', ko: '' };
  const ids =
    link.keyIds === 'match'
      ? { en: 'key ids match', ko: '키 ID 일치' }
      : { en: 'no key ids', ko: '키 ID 없음' };
  const signature =
    link.signature === 'holds'
      ? { en: 'signature valid', ko: '서명 일치' }
      : { en: 'SIGNATURE NOT VALID', ko: '서명 불일치' };
  return { en: ` (${ids.en}, ${signature.en})`, ko: ` (${ids.ko}, ${signature.ko})` };
}

/** The same as an object for programs. */
export function treeJson(
  trees: readonly LineageNode[],
  numbers: readonly number[],
): LineOf<'certificates'>['chain'] {
  return trees.map(({ index, top, link, children }) =>
    defined({ item: numbers[index] ?? 0, top, ...link, issued: treeJson(children, numbers) }),
  );
}
