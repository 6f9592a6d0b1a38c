import { DataTypes, Sequelize } from 'sequelize';

export const sequelize = new Sequelize({ dialect: 'sqlite', storage: 'shop.sqlite', logging: false });

export const Customer = sequelize.define('Customer', { name: DataTypes.STRING, apiToken: DataTypes.STRING });
export const Product = sequelize.define('Product', { name: DataTypes.STRING, cents: DataTypes.INTEGER });
export const Order = sequelize.define('Order', { quantity: DataTypes.INTEGER });
Order.belongsTo(Customer);
Order.belongsTo(Product);
