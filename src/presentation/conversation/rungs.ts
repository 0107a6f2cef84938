/**
 * A conversation as the rungs of a ladder: one for each message, sealed records in a row as one, with the round trips counted.
 * The renderer draws the two ends and the arrows.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import { inEach } from '../../i18n/language.ts';
import type { Rung } from '../types/ladder.ts';
import { ladderMessage } from './ladder.ts';
import { MessageGroups } from './sizes.ts';
import type { MessageGroup } from './sizes.ts';

/** The content type of ChangeCipherSpec: under TLS 1.3 it means nothing (RFC 8446 appendix D.4). */
const changeCipherSpec = 20;

/** Neighbours of one direction and state as one rung: a flight, for a ladder with little room. */
export function flightsOf(rungs: readonly Rung[]): Rung[] {
  const flights: Rung[] = [];
  for (const rung of rungs) {
    const last = flights.at(-1);
    if (last && rung.from !== null && last.from === rung.from && last.state === rung.state)
      flights[flights.length - 1] = joined(last, rung);
    else flights.push(rung);
  }
  return flights;
}

function joined(one: Rung, other: Rung): Rung {
  return {
    ...one,
    title: inEach((language) => `${one.title[language]}, ${other.title[language]}`),
    length: one.length + other.length,
    count: one.count + other.count,
  };
}

/** @param isLeaking whether a known secret stands in the message */
export function rungsOf(messages: readonly Message[], isLeaking: (message: Message) => boolean): Rung[] {
  const grouped: MessageGroup[] = [];
  const groups = new MessageGroups((group) => grouped.push(group));
  for (const message of messages) {
    if (message.contentType === changeCipherSpec) continue;
    // The record is shown by its contents.
    if (message.opened && message.contentType !== undefined && message.vantage === 'wire') continue;
    groups.add(message, isLeaking);
  }
  groups.finish();
  let trips = 0;
  let before: Rung['from'] = 'server';
  return grouped.map(({ first, sizes }): Rung => {
    const { from } = first;
    const isNew = from === 'client' && before === 'server';
    if (isNew) trips++;
    if (from !== null) before = from;
    const { title, state, facts, length } = ladderMessage(first, { isLeaking: isLeaking(first), sizes });
    return { from, title, length, count: sizes.count, state, facts, ...(isNew ? { trip: trips } : {}) };
  });
}
