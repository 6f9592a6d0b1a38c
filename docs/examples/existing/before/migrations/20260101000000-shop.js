export async function up(queryInterface, { DataTypes }) {
  const common = {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
    createdAt: { type: DataTypes.DATE, allowNull: false },
    updatedAt: { type: DataTypes.DATE, allowNull: false },
  };
  const to = (model) => ({ type: DataTypes.INTEGER, references: { model, key: 'id' } });
  await queryInterface.createTable('Customers', { ...common, name: DataTypes.STRING, apiToken: DataTypes.STRING });
  await queryInterface.createTable('Products', { ...common, name: DataTypes.STRING, cents: DataTypes.INTEGER });
  await queryInterface.createTable('Orders', {
    ...common,
    quantity: DataTypes.INTEGER,
    CustomerId: to('Customers'),
    ProductId: to('Products'),
  });
}

export async function down(queryInterface) {
  for (const table of ['Orders', 'Products', 'Customers']) await queryInterface.dropTable(table);
}
