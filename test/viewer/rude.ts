/** A log in which every field has a text that would break out of a page that does not look after it. */
import type { World } from './world.js';

export const rudeText = `"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;b&gt; \u202e \u0000`.replace(
  '\u0000',
  '',
);

/** Entries in which every field has such a text. */
export async function rudeWorld(world: World): Promise<World> {
  const { audit, User, Price } = world;
  await audit.run({ actor: rudeText, reason: rudeText, meta: { [rudeText]: { [rudeText]: rudeText } } }, async () => {
    const user = await User.create({ name: rudeText, email: rudeText });
    await user.update({ name: `${rudeText} and ${rudeText}` });
    await world.Product.create({
      name: rudeText,
      description: rudeText.repeat(20),
      settings: { [rudeText]: [rudeText] },
    });
    await world.Product.update(
      { description: `${rudeText.repeat(19)} x`, settings: { [rudeText]: [rudeText, { [rudeText]: 1 }] } },
      { where: {} },
    );
    await Price.create({ country: '<b', sku: '</style><i>', cents: 1 });
  });
  await audit.AuditLog.create({
    modelName: rudeText,
    recordId: rudeText,
    action: 'update',
    patch: [
      { op: 'test', path: `/${rudeText}`, value: rudeText },
      { op: 'replace', path: `/${rudeText}`, value: [rudeText] },
    ],
    changesetId: '00000000-0000-4000-8000-00000000abcd',
    actor: rudeText,
    reason: rudeText,
    meta: { [rudeText]: rudeText },
    createdAt: new Date(),
  } as never);
  return world;
}
