/** Reads which program a command starts, how it is led through wirelab, and for how long it may run. */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { formatAddress, hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { ipVersion } from '../../core/ip-version.ts';
import type { Program } from '../../diagnosis/programs/program.ts';
import { placeIn } from '../../diagnosis/programs/placing.ts';
import { pointingOfOthers, programOf } from '../../diagnosis/programs/programs.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Leading } from '../../proxy/lead.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { hostAndPort } from './call.ts';

/** In seconds. */
const usualTimeLimit = 30;

/** As a shell finds it: by its own name, by what that leads to, or by what runs it (`#!/usr/bin/env node`). */
export function programAt(name: string, path: string): Program | undefined {
  const byName = programOf(name);
  if (byName) return byName;
  try {
    const real = realpathSync(path);
    const byPath = programOf(real);
    if (byPath) return byPath;
    const file = openSync(real, 'r');
    const head = Buffer.alloc(256);
    const length = readSync(file, head);
    closeSync(file);
    const [, line = ''] = /^#! *([^\n]+)/.exec(head.subarray(0, length).toString('latin1')) ?? [];
    const run = line.split(/\s+/).filter((word) => !word.startsWith('-'));
    return programOf((run[0]?.endsWith('/env') === true ? run[1] : run[0]) ?? '');
  } catch {
    return undefined;
  }
}

const place = /\{(?:host|port)?\}/g;

/** The target in whose place the listener stands; undefined where it is a proxy. */
export function targetOf(
  parsed: Parsed,
  given: readonly string[],
  program: Program | undefined,
): Address | undefined {
  const asked = parsed.text('to');
  const hasPlace = given.some((word) => word.search(place) >= 0);
  if (asked === undefined) {
    // For a program that is led otherwise it is an argument like any other: curl -d '{}'.
    if (!hasPlace || program?.led === 'variables') return undefined;
    throw new UserError({
      what: {
        en: '{} stands in the place of a target that is not known',
        ko: '{} 기호가 어느 대상을 대신하는지 알 수 없습니다',
      },
      where: 'wirelab why',
      expected: { en: '--to HOST:PORT before --', ko: '-- 앞에 --to HOST:PORT' },
      received: given.join(' '),
    });
  }
  const to = hostAndPort(asked);
  if (!to)
    throw new UserError({
      what: { en: 'not a host and port', ko: '호스트와 포트가 아닙니다' },
      where: 'wirelab why --to',
      expected: { en: 'HOST:PORT', ko: 'HOST:PORT' },
      received: asked,
    });
  if (!hasPlace)
    throw new UserError({
      what: {
        en: 'the command has no place for the target of --to',
        ko: '명령에 --to의 대상이 들어갈 자리가 없습니다',
      },
      where: 'wirelab why',
      expected: {
        en: '{}, or {host} and {port}, among its arguments',
        ko: '인자에 {} 또는 {host}, {port}',
      },
      received: given.join(' '),
      remedy: {
        en: `Without --to it is led as through a proxy. ${pointingLine(program, given)}`,
        ko: `--to 없이 실행하면 프록시를 거치게 합니다. ${pointingLine(program, given)}`,
      },
    });
  return to;
}

export function placed(
  [first = '', ...words]: readonly string[],
  { host, port }: Address,
): readonly string[] {
  const standsFor: Readonly<Record<string, string>> = {
    '{}': hostPort({ host, port }),
    '{host}': host,
    '{port}': String(port),
  };
  // libpq takes no name there, and needs none beside the host's.
  const fitting = ipVersion(host) ? words : words.map((word) => word.replace(/\s*\bhostaddr=\{host\}/g, ''));
  return [first, ...fitting.map((word) => word.replaceAll(place, (one) => standsFor[one] ?? one))];
}

export function wordsFor(
  given: readonly string[],
  program: Program | undefined,
  { address }: Leading,
  to: Address | undefined,
  keylogFile: string,
): readonly [string, ...string[]] {
  const [first = ''] = given;
  if (to) {
    // A name of this machine itself leads to the listener too, and is the one that is verified.
    const host = isLoopback(to.host) ? to.host : address.host;
    const addressed = given.map((word) => word.replaceAll('hostaddr={host}', `hostaddr=${address.host}`));
    const words = placed(addressed, { host, port: address.port });
    const [, ...more] = program?.adapted?.(words, keylogFile) ?? words;
    return [first, ...more];
  }
  const [, ...more] = program?.adapted?.(given, keylogFile, formatAddress(address)) ?? given;
  return [first, ...more];
}

export function timeLimitOf(parsed: Parsed): number {
  const asked = parsed.text('time-limit');
  if (asked === undefined) return usualTimeLimit;
  const seconds = Number(asked);
  if (/^\d{1,5}(?:\.\d+)?$/.test(asked) && seconds > 0) return seconds;
  throw new UserError({
    what: { en: 'invalid time limit', ko: '쓸 수 없는 제한 시간입니다' },
    where: 'wirelab why --time-limit',
    expected: { en: 'seconds, such as 30', ko: '30과 같은 초 단위 숫자' },
    received: asked,
  });
}

/** How such a program is led. */
export const pointingOf = (program: Program | undefined): Program['pointing'] =>
  program?.pointing ?? pointingOfOthers;

/** What to type for it: the very command, where its target stands in its words, else one like it. */
export function pointingLine(program: Program | undefined, own: readonly string[]): string {
  const { command } = pointingOf(program);
  const exact =
    program?.led === 'own' || own.some((word) => word.search(place) >= 0)
      ? undefined
      : (program?.place ?? placeIn)(own);
  if (exact) return `./wirelab why --to ${exact.to} -- ${exact.words.map(shownWord).join(' ')}`;
  return `./wirelab why ${command.startsWith('--to') ? command : `-- ${command}`}`;
}

/** Braces need no quotes where they are alone (POSIX), and are easier to read without. */
const shownWord = (word: string): string => (/^[\w./:@%+=,{}-]+$/.test(word) ? word : shellWord(word));
