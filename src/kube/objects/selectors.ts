/**
 * Parses and evaluates label and field selectors of a query (Kubernetes API concepts, "Labels and Selectors").
 * `resources.ts` lists the selectable fields of a kind.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { labelKeyFault, labelValueFault } from './names.ts';

/** A selector that cannot be read; its words become a 400. */
export class SelectorError extends Error {}

export type Labels = Dictionary<string>;

type Operator = 'in' | 'notin' | 'exists' | 'missing';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Far more than any honest query has; each is evaluated for every object. */
const requirementLimit = 500;

const setBased = /^\s*([^\s,()!=]+)\s+(in|notin)\s*\(([^()]*)\)\s*(?:,|$)/;
const equality = /^\s*([^\s,()!=]+)\s*(==|=|!=)\s*([^\s,()!=]*)\s*(?:,|$)/;
const presence = /^\s*(!?)\s*([^\s,()!=]+)\s*(?:,|$)/;

/** @throws SelectorError */
export function parseLabelSelector(text: string): (labels: Labels) => boolean {
  const requirements = parseRequirements(text);
  for (const { key, values } of requirements) {
    const fault = labelKeyFault(key) ?? values.map(labelValueFault).find((found) => found !== undefined);
    if (fault !== undefined) throw new SelectorError(`unable to parse requirement: ${fault}`);
  }
  return (labels) => requirements.every((requirement) => meets(labels, requirement));
}

function parseRequirements(text: string): readonly Requirement[] {
  const requirements: Requirement[] = [];
  let rest = text;
  while (rest.trim() !== '') {
    const set = setBased.exec(rest);
    const equal = set ? null : equality.exec(rest);
    const exists = (set ?? equal) ? null : presence.exec(rest);
    const match = set ?? equal ?? exists;
    if (!match || requirements.length >= requirementLimit)
      throw new SelectorError(
        `unable to parse requirement: found ${JSON.stringify(rest.trim().slice(0, 64))}`,
      );
    if (set)
      requirements.push({
        key: set[1] ?? '',
        operator: set[2] === 'in' ? 'in' : 'notin',
        values: (set[3] ?? '').split(',').map((value) => value.trim()),
      });
    else if (equal)
      requirements.push({
        key: equal[1] ?? '',
        operator: equal[2] === '!=' ? 'notin' : 'in',
        values: [equal[3] ?? ''],
      });
    else
      requirements.push({
        key: exists?.[2] ?? '',
        operator: exists?.[1] === '!' ? 'missing' : 'exists',
        values: [],
      });
    rest = rest.slice(match[0].length);
  }
  return requirements;
}

function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'missing':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
  }
}

export interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly equals: boolean;
}

/** @throws SelectorError */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .slice(0, requirementLimit)
    .map((part) => {
      const match = /^([^=!]+)(==|=|!=)(.*)$/s.exec(part);
      if (!match)
        throw new SelectorError(
          `invalid selector: '${text.slice(0, 64)}'; can't understand '${part.slice(0, 64)}'`,
        );
      return { field: match[1] ?? '', value: match[3] ?? '', equals: match[2] !== '!=' };
    });
}
