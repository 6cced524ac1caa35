/** Numbers and times as people read them, always with a unit or a name beside them. Pure. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const count = (value: number): string => whole.format(value);

/** "1 suggestion", "2,000 suggestions". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 0 to 1 as "42 %"; what would read as nothing or all keeps a digit. */
export function percent(share: number): string {
  const value = share * 100;
  const nearEdge = (value > 0 && value < 1) || (value > 99 && value < 100);
  return `${nearEdge ? value.toFixed(1) : Math.round(value)} %`;
}

/** The share of `part` in `all`, a dash where there is none. */
export const shareOf = (part: number, all: number): string => (all > 0 ? percent(part / all) : '–');

export const oneDigit = (value: number): string => value.toFixed(1);

/** "21 Nov" of "2026-11-21"; what is no day stays as it is. */
export function shortDay(day: string): string {
  const [, month, date] = day.split('-').map(Number);
  const name = month === undefined ? undefined : MONTHS[month - 1];
  return name && date ? `${date} ${name}` : day;
}

/** "21 Nov 2026, 14:05", local. */
export function moment(seconds: number): string {
  if (!seconds) return 'at an unknown time';
  const at = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** "3 min", "2 h 5 min", of seconds. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

const METHODS: Record<string, string> = { sft: 'SFT', dpo: 'DPO', kto: 'KTO', grpo: 'GRPO', ppo: 'PPO' };

/** "SFT, then DPO" of "sft+dpo". */
export function method(name: string): string {
  return name.split('+').map(part => METHODS[part] ?? part).join(', then ');
}

const PHASES: Record<string, string> = {
  waiting: 'waiting',
  due: 'waiting for an idle device',
  collect: 'collecting signals',
  split: 'setting signals aside for the test',
  train_sft: 'training (SFT)',
  judge_pairs: 'asking the judge',
  train_dpo: 'training (DPO)',
  train_kto: 'training (KTO)',
  train_reward: 'training the reward model',
  train_grpo: 'training (GRPO)',
  train_ppo: 'training (PPO)',
  evaluate: 'writing held-out places',
  gate: 'deciding',
  publish: 'publishing',
  done: 'done',
};

export const phase = (name: string): string => PHASES[name] ?? (name || 'starting');
